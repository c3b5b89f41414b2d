// Every desk page: polls stop in hidden tabs, swaps keep focus and scroll, a silent server is told.
(() => {
  "use strict";
  const announce = (text) => {
    const region = document.getElementById("announce");
    if (region && text) { region.textContent = ""; requestAnimationFrame(() => { region.textContent = text; }); }
  };
  window.growmies = { announce };

  let lastAnswer = Date.now();
  const gone = (yes) => {
    const banner = document.getElementById("gone");
    if (!banner) return;
    if (yes) {
      const age = banner.querySelector("[data-gone-age]");
      if (age) age.textContent = `${Math.round((Date.now() - lastAnswer) / 1000)} s`;
    }
    banner.hidden = !yes;
  };
  let failing = false;
  const answered = () => { lastAnswer = Date.now(); if (failing) { failing = false; gone(false); } };
  const failed = () => { failing = true; gone(true); };

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.target.closest("[data-poll]")) event.preventDefault();
  });
  document.addEventListener("htmx:afterOnLoad", answered);
  document.addEventListener("htmx:sendError", failed);
  document.addEventListener("htmx:timeout", failed);
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status >= 500) failed();
    else answered();
    if (status === 401) location.reload();
  });
  setInterval(async () => {
    if (document.hidden) return;
    if (failing) gone(true);
    if (!failing && Date.now() - lastAnswer < 8000) return;
    try {
      const answer = await fetch("/live", { cache: "no-store", signal: AbortSignal.timeout(4000) });
      if (answer.ok) answered(); else failed();
    } catch { failed(); }
  }, 4000);

  // A swap that removes the focused control gives the focus to the one that took its place.
  let focused = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const active = document.activeElement;
    focused = null;
    if (active && event.detail.target && event.detail.target.contains(active)) {
      focused = active.id || active.dataset.focus || null;
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (focused) {
      const next = document.getElementById(focused) ||
        document.querySelector(`[data-focus="${CSS.escape(focused)}"]`);
      if (next && next !== document.activeElement) next.focus({ preventScroll: true });
      focused = null;
    }
    const said = event.target.querySelector ? event.target.querySelector("[data-announce]") : null;
    if (said) announce(said.dataset.announce);
  });

  // A list that is polled knows better than the header what waits: <span data-nav-count="/queue/">.
  const countInHeader = () => document.querySelectorAll("[data-nav-count]").forEach((known) => {
    const link = document.querySelector(`.nav-bar a[href="${known.dataset.navCount}"]`);
    if (!link) return;
    const count = known.textContent.trim();
    let shown = link.querySelector(".count");
    if (count === "0") { shown?.remove(); return; }
    if (!shown) {
      shown = document.createElement("span");
      link.append(" ", shown);
    }
    const { navTone, navCounted } = known.dataset;
    shown.className = navTone ? `count tone-${navTone}` : "count";
    shown.textContent = Number(count) > 999 ? "999+" : count;
    shown.setAttribute("aria-label", `${shown.textContent} ${navCounted || "waiting"}`);
  });
  document.addEventListener("DOMContentLoaded", countInHeader);
  document.addEventListener("htmx:afterSettle", countInHeader);

  // Click to copy: <button data-copy="…">
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    announce("Copied");
  });
  // On a phone the navigation scrolls: to where one is.
  document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  // Close the open menu when the click is elsewhere, and with Escape.
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    event.stopImmediatePropagation();
    menu.open = false;
    menu.querySelector("summary").focus();
  }, true);
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
})();
