// theme.js: sets light or dark before the first paint, from the saved choice or the system's; keeps the choice of the toggle.
(() => {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  const saved = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const apply = (theme) => {
    if (root.dataset.theme === theme) return;
    root.dataset.theme = theme;
    document.dispatchEvent(new Event("themechange"));
  };
  apply(saved() || (dark.matches ? "dark" : "light"));
  dark.addEventListener("change", () => saved() || apply(dark.matches ? "dark" : "light"));
  addEventListener("storage", (e) => e.key === "theme" && e.newValue && apply(e.newValue));
  document.addEventListener("click", (e) => {
    if (!e.target.closest("[data-theme-toggle]")) return;
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", theme); } catch { /* private window: the choice lasts for this page */ }
    apply(theme);
  });
})();
