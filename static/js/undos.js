// Pages with undos: the ring of each runs from what is left of its time, and it goes when that is over.
(() => {
  "use strict";
  const run = () => document.querySelectorAll("[data-toast]").forEach((toast) => {
    const ring = toast.querySelector("[data-run-seconds]"), seconds = Number(ring.dataset.runSeconds);
    const ahead = Number(document.documentElement.dataset.clockAhead) || 0;
    const left = (Date.parse(toast.querySelector("[data-countdown]").dataset.countdown) - Date.now() + ahead) / 1000;
    ring.style.animationDuration = `${seconds}s`;
    ring.style.animationDelay = `${Math.min(0, left - seconds)}s`;
  });
  // The seconds change in place; said is only once that it can be taken back. A swap says it itself.
  const say = () => {
    const newest = document.querySelector("[data-toast]");
    if (newest) window.growmies.announce(`${newest.dataset.toast} ${newest.querySelector("[data-countdown]").textContent}.`);
  };
  document.addEventListener("DOMContentLoaded", () => { run(); say(); });
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.querySelector?.("[data-toast]")) run(); });
  document.addEventListener("countdown:over", (event) => {
    const toast = event.target.closest("[data-toast]");
    if (!toast) return;
    const inside = toast.contains(document.activeElement);
    toast.remove();
    if (inside) document.dispatchEvent(new CustomEvent("undo:over"));
  });
})();
