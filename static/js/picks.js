// Choose all rows of a list at once: [data-picks] holds [data-pick-all] and the boxes.
document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-pick-all]");
  if (!all) return;
  const boxes = all.closest("[data-picks]").querySelectorAll('input[name="chosen"]');
  boxes.forEach((box) => { box.checked = all.checked; });
});
