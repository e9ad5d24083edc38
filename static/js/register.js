// What makes pages quicker. Nothing here makes anything possible: every page works without it.
import { pickers } from "./picker.js";

document.documentElement.classList.add("js");

// An error summary is read out and holds the focus, so that the first thing met is what to put right.
document.querySelector("[data-error-summary]")?.focus();

pickers(document);
document.addEventListener("htmx:afterSwap", (event) => pickers(event.target));
