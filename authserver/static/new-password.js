// Marks the rules of a new password while it is typed. The server checks them all again, and alone knows common ones.
const field = document.getElementById("password");
const form = field.form;

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

function mark() {
  const text = field.value.normalize("NFC");
  for (const item of document.querySelectorAll("#password-rules [data-rule]")) {
    const isKept = text !== "" && rules[item.dataset.rule]?.(text);
    item.className = isKept ? "kept" : "";
    item.querySelector(".unseen").textContent = isKept ? `${field.dataset.done} ` : "";
  }
}

form.addEventListener("input", mark);
