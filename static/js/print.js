/* print.js: [data-print] opens the browser's print dialog. */
document.addEventListener("click", (e) => e.target.closest("[data-print]") && window.print());
