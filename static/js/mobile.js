// /mobile/: refreshes every ten seconds, says within ten that the server is gone, works offline with the last state and its age in words.
(() => {
  "use strict";
  const box = document.getElementById("status"), gone = document.getElementById("gone");
  const container = "serviceWorker" in navigator ? navigator.serviceWorker : null;
  const register = () => container.register(box.dataset.worker, { scope: "/mobile/" }).catch(() => {});
  if (container) {
    register();
    // The first visit was loaded past the worker: let it have its files when it is there.
    if (!container.controller) {
      container.addEventListener("controllerchange", () => {
        const files = performance.getEntriesByType("resource").map((one) => one.name).filter((name) => name.includes("/static/"));
        [...new Set(files)].forEach((url) => fetch(url).catch(() => {}));
        refresh();
      }, { once: true });
    }
  }
  const sampled = () => Date.parse(box.querySelector("[data-sampled]").dataset.sampled);
  // How far this phone's clock is ahead of the server's by the last live answer; a page that comes
  // from the worker has it from the one before.
  let ahead = 0;
  const know = (ms) => { ahead = ms; document.documentElement.dataset.clockAhead = ms; };  // for time.js
  const learn = () => {
    know(Date.now() - sampled());
    try { localStorage.setItem("clock-ahead", ahead); } catch { /* known to this page only */ }
  };
  if (container?.controller) {
    try { know(Number(localStorage.getItem("clock-ahead"))); } catch { /* storage is switched off */ }
  } else learn();
  const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const words = (s) => (s < 60 ? plural(Math.round(s), "second") : s < 3600 ? plural(Math.round(s / 60), "minute")
    : s < 86400 ? plural(Math.round(s / 3600), "hour") : plural(Math.round(s / 86400), "day"));
  let lost = false;  // the server gave no answer when it was last asked
  const tick = () => {
    const raw = (Date.now() - sampled()) / 1000, age = raw - ahead / 1000;
    const s = age < -20 ? raw : age;  // the clock was set since
    gone.hidden = !lost && s < 20;
    gone.querySelector("[data-gone-age]").textContent = words(s);
  };
  // What an element is for, so that it is found again: the alert of an "Ack", the address of a link.
  const purpose = (one) => one.closest("form")?.action || one.getAttribute("href") || one.tagName;
  const refresh = async () => {
    if (document.hidden) return;
    if (container && !container.controller) register();
    try {
      const answer = await fetch(box.dataset.url, { cache: "no-store", signal: AbortSignal.timeout(6000) });
      if (answer.redirected || answer.status === 401 || answer.status === 403) { location.reload(); return; }
      if (answer.ok) {
        const text = await answer.text();  // first: the reader goes on while it comes
        const before = box.querySelector("h1").textContent, open = box.querySelector("details")?.open;
        const focused = box.contains(document.activeElement) ? purpose(document.activeElement) : "";
        box.innerHTML = text;
        if (!answer.headers.has("X-Kept")) learn();
        if (open) box.querySelector("details").open = true;
        if (focused) [...box.querySelectorAll("a, summary, button")].find((one) => purpose(one) === focused)?.focus();
        const now = box.querySelector("h1").textContent;
        if (now !== before) { document.title = now; document.getElementById("announce").textContent = now; }
      }
    } catch { /* the age tells it */ } finally { tick(); }
  };
  // Asked past the worker, which has an answer of its own while the server is gone.
  const hear = async () => {
    if (document.hidden) return;
    const before = lost;
    try {
      lost = !(await fetch("/live", { cache: "no-store", signal: AbortSignal.timeout(4000) })).ok;
    } catch { lost = true; }
    tick();
    if (before && !lost) refresh();
  };
  // What is kept for offline goes with the person who signs out.
  document.getElementById("sign-out").addEventListener("submit", async (event) => {
    if (!window.caches) return;
    event.preventDefault();
    try { for (const name of await caches.keys()) await caches.delete(name); } finally { event.target.submit(); }
  });
  tick();
  if (container?.controller) refresh();  // an old page from the worker: what is new?
  setInterval(tick, 1000);
  setInterval(refresh, 10_000);
  setInterval(hear, 4000);
  document.addEventListener("visibilitychange", refresh);
  addEventListener("online", refresh);
  addEventListener("offline", hear);
})();
