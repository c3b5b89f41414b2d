// /wall/…: refreshes by itself, keeps the last data and says how old it is, never goes to sleep.
(() => {
  "use strict";
  const body = document.body, board = document.getElementById("board"), age = document.getElementById("age");
  const every = Number(body.dataset.refresh) * 1000;
  let last = Date.now(), ticks = 0, figure = null;

  const pad = (n) => String(n).padStart(2, "0");
  const words = (s) => (s < 3 ? "now" : s < 60 ? `${s} s ago` : s < 3600 ? `${Math.floor(s / 60)} min ago` : `${Math.floor(s / 3600)} h ago`);
  const tick = () => {
    const now = new Date(), s = Math.round((Date.now() - last) / 1000);
    document.getElementById("clock").textContent = now.toLocaleTimeString("en-GB", { timeZone: "America/New_York", hour: "2-digit", minute: "2-digit" });
    age.querySelector("span").textContent = s * 1000 > every + 5000 ? `No answer, data ${words(s)}` : words(s);
    const old = s * 1000 > every + 5000;
    age.classList.toggle("old", old);
    document.querySelectorAll(".panel").forEach((panel) => panel.classList.toggle("stale", old || panel.classList.contains("was")));
  };
  const needs = () => {
    const facts = document.getElementById("wall-facts"), chip = document.getElementById("needs");
    if (!facts) return;
    if (facts.dataset.version !== body.dataset.version) { location.reload(); return; }
    const count = Number(facts.dataset.needs);
    chip.className = count ? "chip tone-warn" : "";
    chip.textContent = count ? (count === 1 ? "1 thing needs a person" : `${count} things need a person`) : "";
  };
  const chart = async () => {
    const answer = await fetch(body.dataset.chart, { signal: AbortSignal.timeout(4000) });
    if (answer.ok) figure = await answer.json();
    draw();
  };
  const draw = () => { if (figure) window.charts.draw(document.getElementById("chart-community"), figure); };
  // Panels are replaced one by one; the chart's element stays, so that Plotly keeps its canvas.
  const swap = (html) => {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const facts = fresh.getElementById("wall-facts");
    if (facts) document.getElementById("wall-facts")?.replaceWith(document.adoptNode(facts));
    fresh.querySelectorAll(".panel").forEach((panel) => {
      const present = document.getElementById(panel.id);
      if (!present) board.append(document.adoptNode(panel));
      else if (!(panel.querySelector(".chart") && present.querySelector(".chart"))) present.replaceWith(document.adoptNode(panel));
    });
  };
  const refresh = async () => {
    try {
      const answer = await fetch(body.dataset.panels, { cache: "no-store", signal: AbortSignal.timeout(4500), redirect: "manual" });
      if (answer.type === "opaqueredirect") { location.reload(); return; }
      if (!answer.ok) return;
      swap(await answer.text());
      last = Date.now();
      needs();
      if (ticks % 12 === 0) await chart();
      ticks += 1;
      // A picture that stands for months burns in: move the board by a few pixels each minute.
      if (ticks % 12 === 0) board.className = `board shift-${(ticks / 12) % 4}`;
    } catch { /* the age tells it; the next round tries again */ } finally { tick(); }
  };
  const awake = async () => { try { await navigator.wakeLock?.request("screen"); } catch { /* not allowed here */ } };
  let idle = null;
  document.addEventListener("pointermove", () => {
    body.classList.remove("idle");
    clearTimeout(idle);
    idle = setTimeout(() => body.classList.add("idle"), 3000);
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) awake(); });
  addEventListener("resize", draw);
  body.classList.add("idle");
  awake();
  needs();
  tick();
  chart().catch(() => {});
  setInterval(tick, 1000);
  setInterval(refresh, every);
})();
