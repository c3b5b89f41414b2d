// Every page, before its styles: the chosen theme without a flash; choices in the user's menu.
(() => {
  "use strict";
  const root = document.documentElement;
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* storage is switched off */ }
  const apply = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.bsTheme = dark ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("themechange"));
  };
  if (chosen) apply(chosen);
  else apply(root.dataset.theme);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(root.dataset.theme));
  document.addEventListener("DOMContentLoaded", () => {
    const buttons = [...document.querySelectorAll("[data-theme-choice]")];
    const mark = () => buttons.forEach((b) =>
      b.setAttribute("aria-pressed", String(b.dataset.themeChoice === (chosen || "system"))));
    buttons.forEach((b) => b.addEventListener("click", () => {
      chosen = b.dataset.themeChoice;
      try { localStorage.setItem("theme", chosen); } catch { /* kept for this page only */ }
      apply(chosen);
      mark();
    }));
    mark();
  });
})();
