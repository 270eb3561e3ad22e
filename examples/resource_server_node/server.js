// A resource server in Node: reports, read and written by the permissions in the access token.
// ISSUER, AUDIENCE and PORT say where it stands; ORIGIN is the single-page application that may call it.
import express from "express";
import { guard } from "./bearer.js";

const port = Number(process.env.PORT ?? 8085);
const issuer = process.env.ISSUER ?? "http://localhost:8080";
const audience = process.env.AUDIENCE ?? "http://localhost:8082/reports";
const origin = process.env.ORIGIN ?? "http://localhost:3000";
const { requirePermission } = guard({ issuer, audience });
const reports = [{ text: "Sales in October", written_by: "example" }];

const app = express();
app.disable("x-powered-by");
app.use(allowOrigin);
app.get("/healthz", (_request, response) => response.type("text").send("ok"));
app.get("/reports", requirePermission("read:reports"), (_request, response) => response.json({ reports }));
app.post("/reports", requirePermission("write:reports"), express.json({ limit: "10kb" }), (request, response) => {
  const text = request.body?.text;
  if (typeof text !== "string" || text.length === 0 || text.length > 200) {
    return response.status(400).json({ error: "invalid_request", error_description: 'Send {"text": "…"} as JSON.' });
  }
  reports.unshift({ text, written_by: request.token.sub });
  return response.status(201).json(reports[0]);
});
app.delete("/reports/newest", requirePermission("delete:reports"), (_request, response) => {
  response.json({ deleted: reports.shift() ?? null });
});
app.listen(port, "127.0.0.1", (error) => {
  if (error) {
    console.error(`Cannot listen on port ${port} (${error.code}). Choose another: PORT=${port + 1000} npm start`);
    process.exit(1);
  }
  console.log(`Listening on http://localhost:${port}`);
});

// Browsers ask first whether a page of another origin may send the Authorization header. No cookies are involved.
function allowOrigin(request, response, next) {
  response.set({ "Access-Control-Allow-Origin": origin, Vary: "Origin" });
  if (request.method !== "OPTIONS") return next();
  response.set({
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Max-Age": "600",
  });
  return response.status(204).end();
}
