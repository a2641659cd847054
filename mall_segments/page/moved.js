// Who joined, moved and left: of the chosen segment and between two builds, and saved as they are shown.

const moved = read("moved");
const movers = document.getElementById("moved-box") && {
  way: document.getElementById("moved-way"),
  since: document.getElementById("moved-since"),
  until: document.getElementById("moved-until"),
  found: document.getElementById("moved-found"),
  body: document.querySelector("#moved-box tbody"),
  more: document.getElementById("moved-more"),
  download: document.getElementById("moved-download"),
  rowsShown: ROWS_AT_ONCE,
};
const [movedView] = linked.views;
const movedNames = new Map(movedView?.segments.map(({ segment_id, called }) => [segment_id, called]));
const WAYS = {
  any: (segment) => (segment ? say("moved.script.way_any_of", { segment }) : say("moved.script.way_any")),
  from: (segment) => (segment ? say("moved.script.way_from_of", { segment }) : say("moved.script.way_from")),
  to: (segment) => (segment ? say("moved.script.way_to_of", { segment }) : say("moved.script.way_to")),
};

/** What a segment is called that a customer was in; null where there was none. */
function nameOf(id) {
  return id === null ? null : movedNames.get(id) ?? moved.gone;
}

const movedColumns = [
  { name: "customer_id", label: say("columns.script.customer"), value: (row) => moved.ids[row] },
  { name: "day", label: say("moved.script.day"), value: (row) => moved.days[row] },
  { name: "from_segment", label: say("moved.script.from"), value: (row) => nameOf(moved.from[row]) },
  { name: "to_segment", label: say("moved.script.to"), value: (row) => nameOf(moved.to[row]) },
  { name: "reason", label: say("moved.script.why"), value: (row) => moved.causes[row] },
  { name: "segment_today", label: say("moved.script.today"), value: (row) => nameOf(moved.today[row]) },
  ...moved.may_contact === null
    ? []
    : [{ name: "may_contact", label: say("moved.script.may_contact"), value: (row) => moved.may_contact[row] }],
];

/** From which build to which, as the page calls them. */
function moments() {
  return [movers.since, movers.until].map((end) => end.selectedOptions[0].textContent);
}

/** The chosen segment, if the moves are between segments of its kind. */
function movedSegment() {
  return chosen?.segmentation === movedView.segmentation ? chosen : null;
}

function rowsMoved() {
  const { way: { value: way } } = movers;
  const own = movedSegment()?.segment_id;
  const isOf = (id) => id !== null && (own === undefined || id === own);
  return moved.ids.map((_, row) => row).filter((row) =>
    moved.builds[row] >= movers.since.value && moved.builds[row] <= movers.until.value &&
    ((way !== "to" && isOf(moved.from[row])) || (way !== "from" && isOf(moved.to[row])))
  );
}

/** Say how many customers it were, in how many moves where somebody moved twice, and where the rest is. */
function movedSentence(rows) {
  const [since, until] = moments();
  const count = new Set(rows.map((row) => moved.ids[row])).size;
  const did = WAYS[movers.way.value](movedSegment()?.called);
  const when = since === until
    ? say("moved.script.on_day", { day: since })
    : say("moved.script.between", { since, until });
  const who = count === 1
    ? say("moved.script.found_one", { count: grouped(count), did, when })
    : say("moved.script.found", { count: grouped(count), did, when });
  const found = rows.length > count
    ? say("moved.script.in_moves", { found: who, count: grouped(rows.length) })
    : who;
  const held = moved.ids.length;
  if (held === moved.total) return say("moved.script.held_all", { found });
  return say("moved.script.held_some", { found, some: grouped(held), all: grouped(moved.total) });
}

/** Show the moves that are asked for. */
function showMoved() {
  if (!movers) return;
  for (const option of movers.way.options) option.textContent = WAYS[option.value](movedSegment()?.called);
  const rows = rowsMoved();
  movers.found.textContent = movedSentence(rows);
  showRows(movers, rows, movedColumns);
}

if (movers) {
  // A heading of a list, though it does not sort.
  document.querySelector("#moved-box thead tr").append(...movedColumns.map(({ label }) => {
    const heading = element("th", label);
    heading.scope = "col";
    return heading;
  }));
  for (const end of [movers.since, movers.until]) {
    end.append(...moved.moments.map(({ build, called }) => {
      const option = element("option", called);
      option.value = build;
      return option;
    }));
  }
  const ask = (isSince) => {
    // An end that lies beyond the other one takes it along.
    if (Number(movers.since.value) > Number(movers.until.value)) {
      if (isSince) movers.until.value = movers.since.value;
      else movers.since.value = movers.until.value;
    }
    movers.rowsShown = ROWS_AT_ONCE;
    showMoved();
  };
  movers.way.addEventListener("change", () => ask());
  movers.since.addEventListener("change", () => ask(true));
  movers.until.addEventListener("change", () => ask());
  movers.more.addEventListener("click", () => {
    movers.rowsShown += ROWS_MORE;
    showMoved();
  });
  movers.download.addEventListener("click", () => {
    const rows = rowsMoved().map((row) => movedColumns.map((column) => column.value(row)));
    const did = { any: "moved", from: "left", to: "came" }[movers.way.value];
    const what = [did, movedSegment()?.anchor, ...moments()].filter(Boolean).join("-");
    save([movedColumns.map(({ name }) => name), ...rows], `${what.replace(/[ :]/g, "-")}.csv`);
  });
}
