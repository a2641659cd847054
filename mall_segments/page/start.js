// What happens when.

/** Closed parts would be missing on paper; evidence is there if its reader has opened it. */
function openForPrint() {
  for (const part of document.querySelectorAll("details:not(.evidence):not([open])")) {
    part.dataset.reclose = "true";
    part.open = true;
  }
}

function closeAfterPrint() {
  for (const part of document.querySelectorAll("details[data-reclose]")) {
    delete part.dataset.reclose;
    part.open = false;
  }
}

// Segments by rule have no form.
const form = document.getElementById("classify-form");
form?.addEventListener("submit", submit);
form?.addEventListener("input", () => document.querySelector(".answer") && forget());
if (form) {
  addSliders();
  listenToFiles();
}
window.addEventListener("beforeprint", openForPrint);
window.addEventListener("afterprint", closeAfterPrint);
window.addEventListener("hashchange", unfold);
document.addEventListener("toggle", () => window.vegaEmbed && draw(), true);
showCustomers();
showMoved();
choose(fromAddress(), true);
if (new URLSearchParams(location.search).get("segment") && !chosen) {
  document.getElementById("chosen").textContent = say("page.script.segment_gone");
}
unfold();
// The libraries that draw are read after this script.
document.addEventListener("DOMContentLoaded", draw);
