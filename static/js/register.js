// What makes pages quicker. Nothing here makes anything possible: every page works without it.
import { pickers } from "./picker.js";

document.documentElement.classList.add("js");

// An error summary is read out and holds the focus, so that the first thing met is what to put right.
document.querySelector("[data-error-summary]")?.focus();

pickers(document);
document.addEventListener("htmx:load", (event) => pickers(event.target));

// The number of initiatives is read out when the list changes under the reader's hands.
document.addEventListener("htmx:afterSettle", () => {
  const told = document.getElementById("told");
  const said = document.getElementById("find")?.dataset.said;
  if (told && said && told.textContent !== said && told.dataset.started) told.textContent = said;
  if (told) told.dataset.started = "yes";
});

// The browser's own dialogue was closed, or found no passkey: say so where the button is.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const told = document.querySelector("[data-passkey-failed]");
  if (told) told.hidden = false;
});
