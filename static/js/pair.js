// /displays/pair/: fetches the code that this screen shows, and goes on to the board once it is paired.
(() => {
  "use strict";
  const body = document.body, by = (id) => document.getElementById(id);
  const every = Number(body.dataset.every) * 1000, off = Number(body.dataset.clockOff) * 1000;
  const { ahead, inWords } = window.screenClock;
  let clockAhead = 0, expires = 0, shown = "";

  const pad = (n) => String(n).padStart(2, "0");
  const tick = () => {
    const now = Date.now() - clockAhead;
    by("clock").textContent = new Date(now).toLocaleTimeString("en-GB", { timeZone: "America/New_York", hour: "2-digit", minute: "2-digit" });
    if (!expires) return;
    const s = Math.max(0, Math.round((expires - now) / 1000));
    by("life").textContent = s ? `Good for ${Math.floor(s / 60)}:${pad(s % 60)}, then a new one comes` : "A new one comes now";
  };
  const judgeClock = (server, asked) => {
    const answered = Date.now();
    clockAhead = ahead(server, asked, answered);
    const wrong = Math.abs(clockAhead) > off, notice = by("wrong-clock");
    if (wrong) {
      notice.querySelector("[data-here]").textContent = inWords(answered);
      notice.querySelector("[data-true]").textContent = inWords(answered - clockAhead);
    }
    notice.hidden = !wrong;
    if (!wrong) clockAhead = 0;
  };
  const show = (said) => {
    expires = said.expires_at;
    if (said.code === shown) return;
    shown = said.code;
    by("code").textContent = said.code;
    by("asks").textContent = `It asks as ${said.browser}, from ${said.address}`;
  };
  const ask = async () => {
    const asked = Date.now();
    const answer = await fetch(body.dataset.ask, {
      method: "POST", cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(8000),
      headers: { "X-CSRFToken": body.dataset.token }, body: new URLSearchParams({ board: body.dataset.board }),
    });
    // Paired in another tab, signed in beside it, or a token of another time: the page knows more.
    if (answer.type === "opaqueredirect" || [403, 409].includes(answer.status)) { setTimeout(() => location.reload(), 1000); return false; }
    by("busy").hidden = answer.status !== 429;
    if (!answer.ok && answer.status !== 429) throw new Error(String(answer.status));
    const said = await answer.json();
    by("no-answer").hidden = true;
    judgeClock(said.now, asked);
    if (said.state === "paired") { location.replace(said.url); return false; }
    if (said.version !== body.dataset.version) { location.reload(); return false; }
    if (said.state === "waiting") show(said);
    return true;
  };
  const round = async () => {
    let goesOn = true;
    try { goesOn = await ask(); } catch { by("no-answer").hidden = false; } finally { tick(); }
    if (goesOn) setTimeout(round, every);
  };
  const awake = async () => { try { await navigator.wakeLock?.request("screen"); } catch { /* not allowed here */ } };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) awake(); });
  tick();
  setInterval(tick, 1000);
  if (by("asking")) { awake(); round(); }
})();
