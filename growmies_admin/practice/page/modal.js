// The form that the bot opened for the member, as a dialog. Used by page.js.
import { byId, el } from "./api.js";

const TEXT = 4;
const SELECT = 3;

function field(child, label, note) {
  const long = child.style === 2;
  const input = child.type === SELECT
    ? el("select", {}, ...(child.options || []).map((option) => el("option", { value: option.value }, option.label)))
    : el(long ? "textarea" : "input", { placeholder: child.placeholder, maxlength: child.max_length ? String(child.max_length) : null });
  if (child.value && child.type === TEXT) input.value = child.value;
  if (long) input.rows = 4;
  input.name = child.custom_id;
  input.required = child.required !== false;
  return el("label", {}, label, note ? el("small", {}, note) : null, input);
}

function fields(row) {
  if (row.component) return [field(row.component, row.label, row.description)];
  return (row.components || []).map((child) => field(child, child.label));
}

export function showModal(modal, send, dismiss) {
  const dialog = byId("modal");
  if (!modal) {
    dialog.close();
    dialog.dataset.shown = "";
    return;
  }
  if (dialog.dataset.shown === JSON.stringify(modal)) return;
  dialog.dataset.shown = JSON.stringify(modal);
  const submit = async (event) => {
    event.preventDefault();
    const values = {};
    for (const input of dialog.querySelectorAll("input, textarea, select")) values[input.name] = input.value;
    await send(modal.custom_id, values);
  };
  dialog.replaceChildren(el("form", { class: "stack", onsubmit: submit },
    el("h2", { id: "modal-title" }, modal.title),
    ...modal.components.flatMap(fields),
    el("div", { class: "row" },
      el("button", { type: "button", onclick: dismiss }, "Cancel"),
      el("button", { type: "submit", class: "main" }, "Submit"))));
  dialog.oncancel = dismiss;
  dialog.showModal();
}
