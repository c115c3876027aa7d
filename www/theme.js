// Light or dark, as the system says or as was chosen here: a classic script for <head>, so that no
// page is shown in the wrong one first. A button with data-theme-toggle changes it; the choice is
// kept for all pages of the same origin.
(() => {
  const KEY = "transom-theme";
  const root = document.documentElement;
  // Where nothing may be kept, the choice holds for this page.
  const kept = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const keep = (theme) => {
    try {
      localStorage.setItem(KEY, theme);
    } catch {}
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const current = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  const label = () => {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.setAttribute("aria-label", current() === "dark" ? "Use light colours" : "Use dark colours");
      button.hidden = false;
    }
  };
  const theme = kept();
  if (theme === "light" || theme === "dark") {
    root.dataset.theme = theme;
  }
  addEventListener("DOMContentLoaded", label);
  dark.addEventListener("change", label);
  addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("[data-theme-toggle]")) {
      root.dataset.theme = current() === "dark" ? "light" : "dark";
      keep(root.dataset.theme);
      label();
    }
  });
})();
