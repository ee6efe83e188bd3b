/* data-submits: a form that is sent as soon as one of its choices is made. */
document.addEventListener("change", (e) => {
  const form = e.target.form;
  if (form && "submits" in form.dataset) form.requestSubmit();
});
