/* copy.js: data-copy="text" puts the text on the clipboard and says data-copied for a moment. */
document.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-copy]");
  if (!button) return;
  try { await navigator.clipboard.writeText(button.dataset.copy); } catch { return prompt("", button.dataset.copy); }
  document.body.dispatchEvent(new CustomEvent("toast", { detail: { message: button.dataset.copied } }));
});
