// Puts a chosen file into the text field that it names. Without script there is only the text field.
for (const input of document.querySelectorAll("input[type=file][data-into]")) {
  input.closest("[data-file]").hidden = false;
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (file) document.getElementById(input.dataset.into).value = await file.text();
  });
}
