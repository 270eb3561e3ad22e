// Puts a button beside each text that is there to be copied. Without script, or where a browser forbids it, there is none.
for (const text of navigator.clipboard ? document.querySelectorAll("pre[data-copy]") : []) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text.dataset.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = text.dataset.copied;
    setTimeout(() => { button.textContent = text.dataset.copy; }, 3000);
  });
  const both = document.createElement("div");
  both.className = "copied";
  text.replaceWith(both);
  both.append(text, button);
}
