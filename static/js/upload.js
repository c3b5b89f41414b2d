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
  let files = [], running = null;

  const say = (text) => {
    refusal.hidden = !text;
    refusal.querySelector("span").textContent = text;
    if (text) refusal.scrollIntoView({ block: "center" });
  };
  const show = () => {
    previews.replaceChildren();
    previews.hidden = files.length === 0;
    files.forEach((file, at) => {
      const figure = document.createElement("figure"), img = new Image(), remove = document.createElement("button");
      img.alt = `Your picture ${at + 1}`;
      img.src = URL.createObjectURL(file);
      remove.type = "button";
      remove.setAttribute("aria-label", `Remove picture ${at + 1}`);
      remove.textContent = "✕";
      remove.addEventListener("click", () => { files.splice(at, 1); show(); });
      figure.append(img, remove);
      previews.append(figure);
    });
    drop.hidden = files.length >= most;
    input.required = files.length === 0;
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
      else if (file.size > bytes) say(`${file.name} has more than ${form.dataset.maxBytes.slice(0, -6)} MB. Take it again with less detail.`);
      else if (files.length < most) files.push(file);
    }
    input.value = "";
    show();
  });

  const busy = (yes) => {
    sending.hidden = !yes;
    drop.hidden = yes || files.length >= most;
    send.hidden = yes;
    cancel.hidden = !yes;
    form.querySelector(".agree").hidden = yes;
    form.querySelector("[data-before]").hidden = yes;
    form.querySelector("[data-during]").hidden = !yes;
    document.querySelector("[data-title]").textContent = yes ? "Sending your picture" : "Show that you are 21+";
    previews.querySelectorAll("button").forEach((button) => { button.hidden = yes; });
  };
  form.addEventListener("submit", (event) => {
    if (!files.length) return;
    event.preventDefault();
    say("");
    const data = new FormData(form);
    data.delete("picture");
    files.forEach((file) => data.append("picture", file));
    const began = Date.now(), request = new XMLHttpRequest();
    running = request;
    request.open("POST", location.href);
    request.setRequestHeader("Accept", "application/json, text/html");
    request.upload.addEventListener("progress", (progress) => {
      if (!progress.lengthComputable) return;
      const done = progress.loaded / progress.total, spent = (Date.now() - began) / 1000;
      bar.value = done * 100;
      sending.querySelector("[data-sending-what]").textContent = files.length > 1 ? `${files.length} pictures` : "1 of 1";
      const left = done > 0.02 ? Math.ceil(spent / done - spent) : null;
      sending.querySelector("[data-sending-left]").textContent =
        done >= 1 ? "locking it away …" : `${Math.round(done * 100)} %${left === null ? "" : `, about ${left} s`}`;
    });
    request.addEventListener("load", () => {
      running = null;
      if (request.status === 200) {
        location.reload();
        return;
      }
      busy(false);
      let words = "That did not work. Nothing was kept; please try again.";
      try {
        const answer = JSON.parse(request.responseText);
        words = answer.error || words;
        // A refused picture would be refused again: choose anew.
        if ((answer.code || "").startsWith("picture_")) { files = []; show(); }
      } catch {
        if (request.status === 413 || request.status === 411) words = request.responseText;
      }
      say(words);
    });
    const lost = () => { running = null; busy(false); say("The connection was lost. Nothing was kept; try again when you have a better line."); };
    request.addEventListener("error", lost);
    request.addEventListener("timeout", lost);
    busy(true);
    request.send(data);
  });
  cancel.addEventListener("click", () => {
    if (running) running.abort();
    running = null;
    files = [];
    busy(false);
    show();
    say("Cancelled. Nothing was kept.");
  });
  document.querySelectorAll("[data-consent]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("consent-text").showModal();
  }));
})();
