// The stand-in of an age-assurance service: a button answers the site, and says what it said.
import { byId, call } from "./api.js";

const reference = location.pathname.split("/").filter(Boolean).pop();
byId("reference").textContent = reference;
const system = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
document.documentElement.dataset.theme = localStorage.getItem("practice-theme") || system;

byId("check").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = byId("said");
  said.textContent = "Sending …";
  try {
    const { status, answer } = await call("POST", `/provider/${reference}/answers`, {
      result: event.submitter.value, birth_date: byId("birth-date").value,
    });
    said.textContent = status === 200
      ? `The site took it: ${answer.result}. You can close this page; the bot tells you in Discord.`
      : `The site refused it (${status}): ${answer.error}`;
  } catch (error) {
    said.textContent = error.message;
  }
});
