// One segment can be chosen: it is marked wherever the page shows it, and kept in the address.

const linked = read("linked");
const allSegments = linked.views.flatMap(({ segmentation, segments }) =>
  segments.map((segment) => ({ ...segment, segmentation }))
);
const byAnchor = new Map(allSegments.map((segment) => [segment.anchor, segment]));
let chosen = null;

/** The segment that a name of a chart stands for; a chart shows the segments of one segmentation. */
function segmentOf(name, segmentation) {
  return allSegments.find((each) => each.called === name && each.segmentation === segmentation) ?? null;
}

/** Which name a chart has to highlight: null for all, as where the chosen segment is of another segmentation. */
function highlighted(place) {
  return chosen?.segmentation === place.closest(".figure").dataset.segmentation ? chosen.called : null;
}

/** Have a chart that shows segments follow the choice, and make it: by a click on a mark, or by a list of its own. */
function link(name, place) {
  const view = drawn[name];
  if (!specs.views[name].params?.some((each) => each.name === "highlight")) return;
  const { segmentation } = place.closest(".figure").dataset;
  place.dataset.linked = "true";
  if (highlighted(place) !== null) view.signal("highlight", highlighted(place)).runAsync();
  view.addSignalListener("highlight", (_, value) => {
    if (value !== highlighted(place)) choose(segmentOf(value, segmentation));
  });
  view.addEventListener("click", (_, item) => {
    const found = segmentOf(item?.datum?.segment ?? item?.datum?.value, segmentation);
    if (found) choose(found === chosen ? null : found);
  });
}

/** The segment that the address names; null where it names none. */
function fromAddress() {
  return byAnchor.get(new URLSearchParams(location.search).get("segment")) ?? null;
}

function keepInAddress() {
  const address = new URL(location.href);
  if (chosen) address.searchParams.set("segment", chosen.anchor);
  else address.searchParams.delete("segment");
  try {
    history.pushState(null, "", address);
  } catch {
    // A page within another, as in a notebook, may have no address of its own.
  }
}

/** Say on the cards of other segmentations how many of the chosen segment they hold. */
function showShared() {
  for (const place of document.querySelectorAll("[data-shared]")) {
    const other = byAnchor.get(place.dataset.shared);
    place.hidden = !chosen || other.segmentation === chosen.segmentation;
    if (place.hidden) continue;
    const members = membersOf(chosen);
    const both = members.filter((row) => isMember(row, other)).length;
    place.textContent = say("segments.script.shared", {
      share: Math.round((100 * both) / Math.max(members.length, 1)),
      segment: chosen.called,
    });
  }
}

/** Choose a segment, or none, and show it everywhere. */
function choose(segment, isFromAddress = false) {
  if (segment === chosen) return;
  chosen = segment;
  for (const part of document.querySelectorAll("[data-segment]")) {
    const own = byAnchor.get(part.dataset.segment);
    part.classList.toggle("chosen", own === chosen);
    part.classList.toggle("other", own !== chosen && own.segmentation === chosen?.segmentation);
    if (own === chosen) part.setAttribute("aria-current", "true");
    else part.removeAttribute("aria-current");
  }
  for (const button of document.querySelectorAll("button[data-choose]")) {
    button.setAttribute("aria-pressed", String(button.dataset.choose === chosen?.anchor));
  }
  document.getElementById("chooser").value = chosen?.anchor ?? "";
  document.getElementById("show-all").hidden = !chosen;
  document.getElementById("chosen").textContent = chosen
    ? say("page.script.chosen", { count: grouped(chosen.customers) })
    : "";
  if (!isFromAddress) keepInAddress();
  for (const place of document.querySelectorAll("[data-linked]")) {
    const view = drawn[place.dataset.view];
    if (view.signal("highlight") !== highlighted(place)) view.signal("highlight", highlighted(place)).runAsync();
  }
  showShared();
  showCustomers();
  showMoved();
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-choose]");
  const segment = button && byAnchor.get(button.dataset.choose);
  if (segment) choose(segment === chosen ? null : segment);
});
document.getElementById("chooser").addEventListener("change", ({ target }) => choose(byAnchor.get(target.value) ?? null));
document.getElementById("show-all").addEventListener("click", () => {
  choose(null);
  document.getElementById("chooser").focus(); // the button is gone
});
document.addEventListener("keydown", (event) => {
  // Escape first closes what is open, and empties a field for searching.
  const isTaken = document.querySelector(":popover-open") || event.target.matches("input, textarea");
  if (event.key === "Escape" && !isTaken) choose(null);
});
window.addEventListener("popstate", () => choose(fromAddress(), true));
