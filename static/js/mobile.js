// /mobile/: refreshes every ten seconds, works offline with the last state and its age in words.
(() => {
  "use strict";
  const box = document.getElementById("status"), gone = document.getElementById("gone");
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(box.dataset.worker, { scope: "/mobile/" }).catch(() => {});
  const sampled = () => Date.parse(box.querySelector("[data-sampled]").dataset.sampled);
  const words = (s) => (s < 60 ? `${Math.round(s)} seconds` : s < 3600 ? `${Math.round(s / 60)} minutes` : `${Math.round(s / 3600)} hours`);
  const tick = () => {
    const s = (Date.now() - sampled()) / 1000;
    gone.hidden = s < 20;
    gone.querySelector("[data-gone-age]").textContent = words(s);
  };
  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(box.dataset.url, { cache: "no-store", signal: AbortSignal.timeout(6000) });
      if (answer.redirected || answer.status === 401) { location.reload(); return; }
      if (answer.ok) {
        const before = box.querySelector("h1").textContent;
        box.innerHTML = await answer.text();
        const now = box.querySelector("h1").textContent;
        if (now !== before) { document.title = now; document.getElementById("announce").textContent = now; }
      }
    } catch { /* the age tells it */ } finally { tick(); }
  };
  setInterval(tick, 1000);
  setInterval(refresh, 10_000);
  document.addEventListener("visibilitychange", refresh);
})();
