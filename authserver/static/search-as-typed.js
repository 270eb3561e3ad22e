// Finds while somebody types: fetches what the form would show, and puts it where the page says. Without script, and
// where something goes wrong, the form is sent as ever.
const form = document.querySelector("form[data-found]");
const place = document.getElementById(form.dataset.found);
const said = document.getElementById(form.dataset.said);
const PAUSE = 200;
let timer, running;

const query = () => {
  const asked = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...asked]) if (!value) asked.delete(name);
  return asked;
};

const find = async () => {
  running?.abort();
  running = new AbortController();
  const asked = query();
  const url = new URL(form.action);
  url.search = asked;
  try {
    const answer = await fetch(`${url.pathname}?${new URLSearchParams([...asked, ["part", "found"]])}`, {
      signal: running.signal, redirect: "error",
    });
    if (!answer.ok) throw new Error(answer.status);
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...found.body.children);
    said.textContent = place.querySelector("[data-count]").dataset.count;
    history.replaceState(null, "", url);
  } catch (error) {
    if (error.name !== "AbortError") form.submit();
  }
};

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(find, PAUSE);
});
