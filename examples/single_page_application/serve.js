// Serves the single-page application: static files under a strict policy, and where everything is as /config.json.
// ISSUER, CLIENT_ID, API (its address) and PORT say so.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import express from "express";

const port = Number(process.env.PORT ?? 3000);
const config = {
  issuer: process.env.ISSUER ?? "http://localhost:8080",
  clientId: process.env.CLIENT_ID ?? "dashboard",
  api: process.env.API ?? "http://localhost:8085",
};
const pages = fileURLToPath(new URL("public/", import.meta.url));
const library = (name) => dirname(fileURLToPath(import.meta.resolve(name)));
const index = readFileSync(`${pages}index.html`, "utf8");
// Import maps must stand in the page, so the policy names this one by its digest.
const importMap = /<script type="importmap">(.*?)<\/script>/s.exec(index)[1];
const policy = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash("sha256").update(importMap).digest("base64")}'`,
  "style-src 'self'",
  "img-src 'self'",
  `connect-src 'self' ${config.issuer} ${config.api}`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const app = express();
app.disable("x-powered-by");
app.use((_request, response, next) => {
  response.set({
    "Content-Security-Policy": policy,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
  });
  next();
});
app.get("/healthz", (_request, response) => response.type("text").send("ok"));
app.get("/config.json", (_request, response) => response.json(config));
app.get(["/", "/callback"], (_request, response) => response.type("html").send(index));
app.use(express.static(pages, { index: false }));
app.use("/lib/oidc-client-ts", express.static(library("oidc-client-ts")));
app.use("/lib/jwt-decode", express.static(library("jwt-decode")));
app.listen(port, "127.0.0.1", (error) => {
  if (error) {
    console.error(`Cannot listen on port ${port} (${error.code}). Another port must be among the redirect URIs, too.`);
    process.exit(1);
  }
  console.log(`Open http://localhost:${port}`);
});
