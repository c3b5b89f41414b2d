// The member's upload page: previews, progress, errors beside what caused them. Works without it too.
(() => {
  "use strict";
  const form = document.getElementById("upload");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const previews = document.getElementById("previews"), sending = document.getElementById("sending");
  const refusal = document.getElementById("refusal"), send = document.getElementById("send");
  const cancel = document.getElementById("cancel"), drop = document.getElementById("drop");
  const bar = sending.querySelector("progress");
  const most = Number(form.dataset.maxPictures), bytes = Number(form.dataset.maxBytes) * 1.048576;
  const what = sending.querySelector("[data-sending-what]"), left = sending.querySelector("[data-sending-left]");
  const points = form.querySelector(".tile"), title = document.querySelector("[data-title]");
  const agree = form.elements.consent;
  const missing = { picture: document.getElementById("picture-missing"), consent: document.getElementById("consent-missing") };
  let files = [], running = null, cancelled = false;
  // What the server is asked, and what to say when it has nothing and will have nothing.
  let asking = 0, longest = 0, ifNothing = "";

  const say = (text, tone = "critical") => {
    if (text && refusal.querySelector("span").textContent === text && !refusal.hidden) return;
    refusal.hidden = !text;
    refusal.className = `notice tone-${tone}`;
    refusal.querySelector("span").textContent = text;
    if (text) refusal.scrollIntoView({ block: "center" });
  };
  // In our words, beside what is missing; the browser would say it in its own.
  const lacks = (what, yes) => {
    const field = form.elements[what];
    missing[what].hidden = !yes;
    if (yes) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    return yes && field;
  };
  const show = () => {
    previews.replaceChildren();
    previews.hidden = files.length === 0;
    files.forEach((file, at) => {
      const figure = document.createElement("figure"), img = new Image(), remove = document.createElement("button");
      const caption = document.createElement("figcaption");
      img.alt = `Your picture ${at + 1}`;
      caption.textContent = file.name;
      img.addEventListener("error", () => { // such as HEIC: the server can read it
        img.remove();
        caption.className = "only";
        caption.textContent = `${file.name}: this browser can't show it. It is sent all the same.`;
      });
      img.src = URL.createObjectURL(file);
      remove.type = "button";
      remove.setAttribute("aria-label", `Remove picture ${at + 1}`);
      remove.textContent = "✕";
      remove.addEventListener("click", () => { files.splice(at, 1); show(); });
      figure.append(img, caption, remove);
      previews.append(figure);
    });
    drop.hidden = files.length >= most;
    if (files.length) lacks("picture", false);
    drop.querySelector("[data-drop-title]").textContent = files.length ? "Add the other side" : "Take a picture of your ID";
    drop.querySelector("[data-drop-help]").textContent = files.length ? "if it is needed to read it" : `or choose one, up to ${form.dataset.maxBytes.slice(0, -6)} MB`;
  };
  // Browsers can't show HEIC, and send it all the same; whatever else they can't show is no picture.
  const isPicture = async (file) => {
    if (/\.hei[cf]$/i.test(file.name) || /hei[cf]/.test(file.type)) return true;
    try { (await createImageBitmap(file)).close(); return true; } catch { return false; }
  };
  input.addEventListener("change", async () => {
    say("");
    const chosen = [...input.files];
    for (const file of chosen) {
      if (files.length >= most) say(`${most} pictures at most: the first ${most} are kept here.`);
      else if (!await isPicture(file)) say(`${file.name} is not a picture. Choose a JPEG, PNG, WebP or HEIC.`);
      else if (file.size > bytes) say(`${file.name} has more than ${form.dataset.maxBytes.slice(0, -6)} MB. Choose a smaller photo.`);
      else if (files.length < most) files.push(file);
    }
    input.value = "";
    show();
  });

  const begins = title.textContent;
  const busy = (yes) => {
    sending.hidden = !yes;
    drop.hidden = yes || files.length >= most;
    send.hidden = yes;
    cancel.hidden = !yes;
    form.querySelector(".agree").hidden = yes;
    form.querySelector("[data-before]").hidden = yes;
    form.querySelector("[data-during]").hidden = !yes;
    points.hidden = false;
    title.textContent = yes ? "Sending your picture" : begins;
    previews.querySelectorAll("button").forEach((button) => { button.hidden = yes; });
  };
  const tell = (text, aside, percent) => {
    what.textContent = text;
    left.textContent = aside;
    if (percent === null) bar.removeAttribute("value");
    else bar.value = percent;
  };
  const finish = (text) => {
    asking += 1;
    if (cancelled) { files = []; show(); }
    busy(false);
    say(text, cancelled ? "info" : "critical");
  };
  // The link's page says what became of it. It takes this one's place when it is there: a browser
  // that is sent there without a connection would show a page of its own.
  const arrived = async (said, isKept = true) => {
    const mine = asking += 1, url = location.pathname + (said ? `?said=${said}` : "");
    for (;;) {
      try {
        const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(10000) });
        if (answer.status >= 500 || answer.status === 429) throw answer.status; // an error's page, not the link's
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const main = page.querySelector("main"), heading = main.querySelector("h1");
        if (mine !== asking) return;
        asking += 1;
        document.querySelector("main").replaceWith(main);
        document.title = page.title;
        history.replaceState(null, "", url);
        heading.tabIndex = -1;
        heading.focus();
        return;
      } catch { if (mine !== asking) return; }
      if (isKept) {
        title.textContent = "Sent for review";
        tell("It has arrived", "you can close this page", 100);
        cancel.hidden = true;
      } else notKnown();
      await new Promise((go) => { setTimeout(go, 1500); });
    }
  };

  // Once all is sent, or the connection is lost, only the server knows what became of it.
  const ask = async (options) => {
    const patience = new AbortController(), clock = setTimeout(() => patience.abort(), 10000);
    try {
      const answer = await fetch(`${location.pathname}place/`, { cache: "no-store", signal: patience.signal, ...options });
      if (answer.status === 403 || answer.status === 404) arrived("", false); // the page says why
      if (!answer.ok) throw new Error(answer.status);
      return await answer.json();
    } finally { clearTimeout(clock); }
  };
  // From here on nothing that is still on its way can be accepted, or else it was before.
  const giveUp = async (mine) => {
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const { given_up: isGivenUp, round } = await ask({ method: "POST", headers: { "X-CSRFToken": token } });
    if (mine !== asking) return;
    if (!isGivenUp) { arrived(cancelled ? "late" : ""); return; }
    form.elements.round.value = round;
    finish(ifNothing);
  };
  const step = async (mine) => {
    if (!cancelled) {
      const { place, sent_at: sentAt } = await ask();
      if (mine !== asking) return;
      say("");
      points.hidden = false;
      if (sentAt) { arrived(""); return; }
      if (place !== null) {
        longest = Math.max(longest, place);
        if (place) tell(`You're number ${place} in line`, "one picture is read at a time", 100 * (longest + 1 - place) / (longest + 1));
        else tell(longest ? "It's your turn" : "It has arrived", "reading it …", 100);
        return;
      }
    }
    if (!running) await giveUp(mine);
  };
  const notKnown = () => {
    tell("No connection", "asking again …", null);
    points.hidden = true; // what happens then is not known either
    say(cancelled
      ? "No connection: whether anything was kept is not known yet. Leave this page open; once the connection is back it sees to it."
      : "No connection: whether your picture arrived is not known yet. Leave this page open; it keeps asking.", "warn");
  };
  const follow = async (wait) => {
    const mine = asking += 1;
    for (let pause = wait; mine === asking; pause = 1500) {
      await new Promise((go) => { setTimeout(go, pause); });
      if (mine !== asking) return;
      try { await step(mine); } catch { if (mine === asking) notKnown(); }
    }
  };

  form.noValidate = true;
  form.classList.add("live");
  agree.addEventListener("change", () => { if (agree.checked) lacks("consent", false); });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say("");
    const [noPicture, noConsent] = [lacks("picture", !files.length), lacks("consent", !agree.checked)];
    if (noPicture || noConsent) { (noPicture || noConsent).focus(); return; }
    const data = new FormData(form);
    data.delete("picture");
    files.forEach((file) => data.append("picture", file));
    const began = Date.now(), request = new XMLHttpRequest();
    running = request;
    cancelled = false;
    longest = 0;
    request.open("POST", location.pathname);
    request.setRequestHeader("Accept", "application/json, text/html");
    request.upload.addEventListener("progress", (progress) => {
      if (!progress.lengthComputable || running !== request) return;
      const done = progress.loaded / progress.total, spent = (Date.now() - began) / 1000;
      const rest = done > 0.02 ? Math.ceil(spent / done - spent) : null;
      tell(
        files.length > 1 ? `${files.length} pictures` : "1 of 1",
        done >= 1 ? "waiting for the answer …" : `${Math.round(done * 100)} %${rest === null ? "" : `, about ${rest} s`}`,
        done * 100,
      );
    });
    request.upload.addEventListener("load", () => follow(500));
    request.addEventListener("load", () => {
      running = null;
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* a page, not an answer to this form */ }
      const isOurs = answer.error && answer.code;
      if (request.status === 200 && answer.sent_at) arrived(answer.again ? "again" : "");
      else if (request.status === 403) finish("That did not work, and nothing was kept. Load this page again, please.");
      else if (isOurs && answer.code !== "sent_again") {
        // A refused picture would be refused again: choose anew.
        if (answer.code.startsWith("picture_")) { files = []; show(); }
        finish(answer.error);
      } else {
        ifNothing = isOurs ? answer.error : "That did not work. Nothing was kept; please try again.";
        follow(500);
      }
    });
    const lost = () => {
      running = null;
      ifNothing = "The connection was lost. Nothing was kept; try again when you have a better line.";
      follow(500);
    };
    request.addEventListener("error", lost);
    request.addEventListener("timeout", lost);
    busy(true);
    request.send(data);
  });
  cancel.addEventListener("click", () => {
    cancelled = true;
    if (running) running.abort();
    running = null;
    ifNothing = "Cancelled. Nothing was kept.";
    cancel.hidden = points.hidden = true;
    title.textContent = "Cancelling";
    tell("Making sure that nothing is kept", "", null);
    follow(0);
  });
  if (form.dataset.underWay) { // loaded again while it is read
    ifNothing = "It was not accepted, and nothing was kept. Choose your picture again, please.";
    busy(true);
    follow(0);
  }
  document.querySelectorAll("[data-consent]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("consent-text").showModal();
  }));
})();
