// The page: it holds no token and knows no authorization server. Its cookie it cannot even read.
const element = (id) => document.getElementById(id);

async function ask(method, path) {
  const answer = await fetch(path, { method, headers: { "X-Portal": "1" } });
  return { status: answer.status, body: await answer.json() };
}

async function call(method, path) {
  const { status, body } = await ask(method, path);
  element("answer").textContent = `${status} ${JSON.stringify(body, null, 2)}`;
  if (status === 401) show(null, "Your sign-in has ended.");
}

function show(person, text) {
  element("status").textContent = text ?? (person ? `Signed in as ${person.name ?? person.sub}` : "Not signed in");
  element("signed-out").hidden = Boolean(person);
  element("signed-in").hidden = !person;
}

element("read").addEventListener("click", () => call("GET", "api/reports"));
element("delete").addEventListener("click", () => call("DELETE", "api/reports/newest"));
element("users").addEventListener("click", () => call("GET", "api/users"));
element("sign-out").addEventListener("click", async () => {
  location.href = (await ask("POST", "sign-out")).body.location;
});
show((await ask("GET", "session")).body);
