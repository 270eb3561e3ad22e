// The prototype's submit, because a form field of that name would hide the form's own.
HTMLFormElement.prototype.submit.call(document.getElementById("form-post"));
