// /wall/…: refreshes by itself, keeps the last data and says how old it is, never goes to sleep.
(() => {
  "use strict";
  const body = document.body, board = document.getElementById("board"), age = document.getElementById("age");
  const every = Number(body.dataset.refresh) * 1000, patience = every + 5000;
  // The server's time runs on by the screen's steady clock, so that a wrong clock spoils no age.
  let server = 0, heard = 0, ticks = 0, asking = false;
  const chartsDrawn = new Map();

  const serverNow = () => server + performance.now() - heard;
  const words = (s) => (s < 60 ? `${Math.floor(s)} s` : s < 3600 ? `${Math.floor(s / 60)} min`
    : s < 86400 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86400)} d`);
  const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "America/New_York", hour: "2-digit", minute: "2-digit" });

  const tick = () => {
    const silent = performance.now() - heard, old = silent > patience;
    put(document.getElementById("clock"), clock.format(serverNow()));
    const since = words(silent / 1000);
    put(age.querySelector("span"), old ? `No answer for ${since}` : silent < 3000 ? "now" : `${since} ago`);
    age.classList.toggle("old", old);
    board.querySelectorAll(".panel").forEach((panel) => {
      const at = Number(panel.dataset.at);
      const seconds = serverNow() / 1000 - at;
      const stale = at > 0 && seconds > Number(panel.dataset.staleAfter);
      panel.classList.toggle("stale", stale);
      if (stale) put(panel.querySelector("[data-age]"), `${words(seconds)} old`);
    });
    wrongClock();
  };
  const wrongClock = () => {
    const off = (Date.now() - serverNow()) / 1000, chip = document.getElementById("wrong-clock");
    chip.hidden = Math.abs(off) < Number(body.dataset.clockWrong);
    if (!chip.hidden) {
      put(chip.querySelector("span"), `This screen's clock is ${words(Math.abs(off))} ${off > 0 ? "fast" : "slow"}: set it to automatic`);
    }
  };
  const needs = (facts) => {
    const chip = document.getElementById("needs"), words = facts.dataset.needs;
    chip.hidden = !words;
    chip.className = `chip tone-${facts.dataset.needsTone}`;
    put(chip.querySelector("span"), words);
  };
  const take = (facts, received) => {
    server = Number(facts.dataset.now) * 1000;
    heard = received;
    const at = new Map(facts.dataset.ages.split(",").map((pair) => pair.split("=")));
    board.querySelectorAll(".panel").forEach((panel) => { panel.dataset.at = at.get(panel.dataset.panel) || "0"; });
    needs(facts);
  };
  // A list that is too long for its panel loses its last lines, and says how many.
  const fit = (panel) => {
    const list = panel.querySelector(".items");
    if (!list) return;
    let more = list.querySelector(".more");
    const lines = [...list.children].filter((one) => one !== more), left = Number(more?.dataset.more || 0);
    lines.forEach((one) => { one.hidden = false; });
    if (more) { more.hidden = !left; put(more, `+${left} more`); }
    for (let shown = lines.length - 1; shown > 0 && panel.scrollHeight > panel.clientHeight + 1; shown -= 1) {
      if (!more) { more = document.createElement("li"); more.className = "more"; list.append(more); }
      lines[shown].hidden = true;
      more.hidden = false;
      put(more, `+${left + lines.length - shown} more`);
    }
  };
  const fitAll = () => board.querySelectorAll(".panel").forEach(fit);
  // Panels that changed are replaced one by one; a chart's element stays, so that Plotly keeps its canvas.
  const swap = (fresh) => {
    fresh.querySelectorAll(".panel").forEach((panel) => {
      const present = document.getElementById(panel.id);
      if (!present) { board.append(document.adoptNode(panel)); return; }
      if (present.dataset.version === panel.dataset.version) return;
      const drawn = present.querySelector(".chart"), place = panel.querySelector(".chart");
      document.adoptNode(panel);
      if (drawn && place) place.replaceWith(drawn);
      else if (drawn) { window.charts.forget(drawn); chartsDrawn.delete(panel.dataset.panel); }
      present.replaceWith(panel);
      fit(panel);
    });
  };
  const charts = async () => {
    const due = [...board.querySelectorAll(".chart")].filter((element) =>
      chartsDrawn.get(element.dataset.chart) !== element.closest(".panel").dataset.version);
    if (!due.length) return;
    const answer = await fetch(body.dataset.charts, { cache: "no-store", signal: AbortSignal.timeout(4000) });
    if (!answer.ok) return;
    const figures = await answer.json();
    due.forEach((element) => {
      const slug = element.dataset.chart;
      if (!figures[slug]) return;
      window.charts.draw(element, figures[slug]);
      chartsDrawn.set(slug, element.closest(".panel").dataset.version);
    });
  };
  // A page that can't be loaded would stay on the screen for ever: look first.
  const reload = async () => {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(4000) });
    if (answer.ok) location.reload();
  };
  const refresh = async () => {
    if (asking) return;
    asking = true;
    try {
      const seen = document.getElementById("wall-facts").dataset.seen;
      const answer = await fetch(`${body.dataset.panels}?seen=${seen}`, { cache: "no-store", signal: AbortSignal.timeout(4500), redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 403) { await reload(); return; }
      if (!answer.ok) return;
      const received = performance.now();
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const facts = fresh.getElementById("wall-facts");
      if (!facts) return;
      if (facts.dataset.version !== body.dataset.version) { await reload(); return; }
      swap(fresh);
      document.getElementById("wall-facts").replaceWith(document.adoptNode(facts));
      take(facts, received);
      await charts();
      ticks += 1;
      // A picture that stands for months burns in: move the board by a few pixels each minute.
      if (ticks % 12 === 0) board.dataset.shift = (ticks / 12) % 4;
    } catch { /* the age tells it; the next round tries again */ } finally { asking = false; tick(); }
  };
  const awake = async () => { try { await navigator.wakeLock?.request("screen"); } catch { /* not allowed here */ } };
  let idle = null;
  document.addEventListener("pointermove", () => {
    body.classList.remove("idle");
    clearTimeout(idle);
    idle = setTimeout(() => body.classList.add("idle"), 3000);
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) awake(); });
  addEventListener("resize", () => { window.charts.redraw(); fitAll(); });
  document.fonts.ready.then(fitAll);
  body.classList.add("idle");
  awake();
  take(document.getElementById("wall-facts"), performance.now());
  tick();
  charts().catch(() => {});
  setInterval(tick, 1000);
  setInterval(refresh, every);
  window.wall = { refresh, tick };
})();
