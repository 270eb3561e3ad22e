// Shows what is typed into a password field on request, and says what a new password still needs while it is typed.
// Both are a help: without script nothing is missing, and the server checks every rule again and alone knows common ones.

for (const button of document.querySelectorAll("button.reveal")) {
  const field = document.getElementById(button.dataset.field);
  const show = (isShown) => {
    field.type = isShown ? "text" : "password";
    const [seen, read] = button.querySelectorAll("span");
    seen.textContent = isShown ? button.dataset.hide : button.dataset.show;
    read.textContent = isShown ? button.dataset.hideLabel : button.dataset.showLabel;
  };
  show(false);
  button.hidden = false;
  button.addEventListener("click", () => show(field.type === "password"));
  // Browsers remember text fields, and offer to keep what was typed into password fields.
  field.form.addEventListener("submit", () => show(false));
}

const field = document.querySelector("input[data-shortest]");
if (field) {
  const form = field.form;
  const line = document.getElementById("password-rules");
  const texts = [...document.querySelectorAll("#password-needs [data-rule]")];
  const list = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });

  const words = () => [
    ...field.dataset.personal.split(/\s+/),
    ...["email", "name", "username"].flatMap((name) => (form.elements[name]?.value ?? "").split(/[^\p{L}\p{N}]+/u)),
  ].map((word) => word.toLowerCase()).filter((word) => word.length > 2);

  const rules = {
    too_short: (text) => [...text].length >= Number(field.dataset.shortest),
    no_upper_case: (text) => /\p{Lu}/u.test(text),
    no_lower_case: (text) => /\p{Ll}/u.test(text),
    no_digit: (text) => /\p{Nd}/u.test(text),
    no_special: (text) => /[^\p{L}\p{N}]/u.test(text),
    personal: (text) => !words().some((word) => text.toLowerCase().includes(word)),
  };

  form.addEventListener("input", () => {
    const text = field.value.normalize("NFC");
    const missing = texts.filter((item) => rules[item.dataset.rule]?.(text) === false);
    const needs = list.format(missing.map((item) => item.textContent));
    line.textContent = missing.length ? field.dataset.missing.replace("…", needs) : field.dataset.done;
    line.className = missing.length ? "note" : "note kept";
  });
}
