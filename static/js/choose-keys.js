// /account/keys/: a field takes the key that is pressed in it. Without this file one types it.
(() => {
  "use strict";
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("[data-choose-key]");
    if (!field || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== " " && event.key !== "Enter" && event.key.length !== 1) return;
    event.preventDefault();
    field.value = event.key === " " ? "space" : event.key.toLowerCase();
    field.removeAttribute("aria-invalid");
    window.growmies.announce(`${field.labels[0].textContent}: ${field.value}`);
  });
  document.addEventListener("focusin", (event) => event.target.matches("[data-choose-key]") && event.target.select());
})();
