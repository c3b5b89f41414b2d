// Every page with times: tells the server the reader's zone, keeps relative times and countdowns true.
(() => {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`tz=${zone}`)) {
    document.cookie = `tz=${zone}; path=/; max-age=31536000; samesite=lax`;
  }
  const pad = (n) => String(n).padStart(2, "0");
  const length = (s) => {
    if (s < 60) return `${Math.floor(s)} s`;
    if (s < 3600) return `${Math.floor(s / 60)} min`;
    const h = Math.floor(s / 3600), m = Math.floor((s % 3600) / 60);
    return m ? `${h} h ${pad(m)} m` : `${h} h`;
  };
  const tick = () => {
    const now = Date.now() - (Number(document.documentElement.dataset.clockAhead) || 0);
    document.querySelectorAll("time[data-ago]").forEach((el) => {
      const s = (now - Date.parse(el.dateTime)) / 1000;
      if (Math.abs(s) > 6 * 3600) return;
      const words = Math.abs(s) < 5 ? "just now" : s > 0 ? `${length(s)} ago` : `in ${length(-s)}`;
      if (el.textContent !== words) el.textContent = words;
    });
    document.querySelectorAll("time[data-lasts]").forEach((el) => {
      const s = (now - Date.parse(el.dateTime)) / 1000;
      if (s < 0 || s >= 86400) return;  // the server says days
      const words = s >= 60 && s < 600 ? `${Math.floor(s / 60)} m ${pad(Math.floor(s % 60))} s` : length(s);
      if (el.textContent !== words) el.textContent = words;
    });
    document.querySelectorAll("[data-countdown]").forEach((el) => {
      const s = Math.max(0, Math.round((Date.parse(el.dataset.countdown) - now) / 1000));
      const words = el.dataset.countdownSeconds !== undefined
        ? `${s} s` : s >= 3600 ? length(s) : `${Math.floor(s / 60)}:${pad(s % 60)}`;
      if (el.textContent !== words) el.textContent = words;
      if (s === 0 && !el.dataset.over) {
        el.dataset.over = "1";
        el.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
      }
    });
  };
  document.addEventListener("DOMContentLoaded", tick);
  document.addEventListener("htmx:afterSwap", tick);
  setInterval(() => { if (!document.hidden) tick(); }, 1000);
})();
