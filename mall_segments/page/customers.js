// The list of customers: those of the chosen segment, searched, sorted and saved as they are shown.

const listed = read("customers-data");
const ROWS_AT_ONCE = 10;
const ROWS_MORE = 100;
const list = {
  find: document.getElementById("find"),
  found: document.getElementById("found"),
  head: document.querySelector("#list-box thead tr"),
  body: document.querySelector("#list-box tbody"),
  more: document.getElementById("more"),
  download: document.getElementById("download"),
  rowsShown: ROWS_AT_ONCE,
  sortedBy: null,
  isDescending: false,
};

/** Every column of the list: what it is called, in the list and in a file, its value of a row, and how people read it. */
const listColumns = [
  { name: "customer_id", label: say("columns.script.customer"), value: (row) => listed.ids[row] },
  ...listed.columns.map(({ name, label, unit, is_number, values }) => ({
    name,
    label: capitalized(unit && !label.startsWith(`${unit} `) ? `${label} (${unit})` : label),
    value: (row) => values[row],
    written: (value) => (is_number ? written(value, {}) : value),
  })),
  ...linked.views.map(({ segmentation, title, segments }) => {
    const names = new Map(segments.map((each) => [each.segment_id, each.called]));
    const ids = listed.segment_ids[segmentation];
    return { name: `${segmentation}_segment`, label: title, value: (row) => names.get(ids[row]) ?? null };
  }),
];

[list.sortedBy] = listColumns;

function capitalized(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isMember(row, { segmentation, segment_id }) {
  return listed.segment_ids[segmentation][row] === segment_id;
}

/** The rows of a segment's customers, or of all customers that the page holds. */
function membersOf(segment) {
  const rows = listed.ids.map((_, row) => row);
  return segment ? rows.filter((row) => isMember(row, segment)) : rows;
}

/** Compare two values of a column; numbers within texts count as numbers, and what is not known comes last. */
function compare(one, other) {
  if (one === null || other === null) return 0;
  return typeof one === "number" ? one - other : one.localeCompare(other, "en", { numeric: true });
}

/** The rows that the list shows: of the chosen segment, with the text that is looked for, in order. */
function rowsFound() {
  const sought = list.find.value.trim().toLowerCase();
  const rows = membersOf(chosen).filter((row) => listed.ids[row].toLowerCase().includes(sought));
  const column = list.sortedBy;
  const sign = list.isDescending ? -1 : 1;
  const isUnknown = (row) => Number(column.value(row) === null);
  return rows.sort((a, b) => isUnknown(a) - isUnknown(b) || sign * compare(column.value(a), column.value(b)) || a - b);
}

/** Say how many there are, and where the rest is when the page does not hold all of them. */
function foundSentence(count) {
  const found = chosen
    ? say("list.script.found_of", { count: grouped(count), segment: chosen.called })
    : say("list.script.found", { count: grouped(count) });
  const held = listed.ids.length;
  if (held === listed.total) return say("list.script.held_all", { found });
  return say("list.script.held_some", { found, some: grouped(held), all: grouped(listed.total) });
}

/** Show the first rows of a list, how many more there are, and how many its button saves. */
function showRows({ body, download, more, rowsShown }, rows, columns) {
  download.textContent = rows.length === 1
    ? say("list.script.download_one")
    : say("list.script.download", { count: grouped(rows.length) });
  download.disabled = rows.length === 0;
  body.replaceChildren(...rows.slice(0, rowsShown).map((row) => {
    const line = document.createElement("tr");
    line.append(...columns.map((column, place) => {
      const value = column.value(row);
      const text = value === null ? "" : column.written ? column.written(value) : value;
      const cell = element(place === 0 ? "th" : "td", text);
      if (place === 0) cell.scope = "row";
      else cell.dataset.label = column.label;
      return cell;
    }));
    return line;
  }));
  const left = rows.length - rowsShown;
  more.hidden = left <= 0;
  more.textContent = left > ROWS_MORE
    ? say("list.script.more", { count: ROWS_MORE, left: grouped(left) })
    : say("list.script.rest", { left });
}

/** Show the rows that are asked for. */
function showCustomers() {
  const rows = rowsFound();
  list.found.textContent = foundSentence(rows.length);
  list.head.replaceChildren(...listColumns.map((column) => {
    const heading = document.createElement("th");
    heading.scope = "col";
    const button = element("button", column.label, "sort");
    button.type = "button";
    button.addEventListener("click", () => sortBy(column));
    if (column === list.sortedBy) heading.setAttribute("aria-sort", list.isDescending ? "descending" : "ascending");
    heading.append(button);
    return heading;
  }));
  showRows(list, rows, listColumns);
}

/** Sort by a column: upwards first, downwards when it is asked for again. */
function sortBy(column) {
  list.isDescending = list.sortedBy === column && !list.isDescending;
  list.sortedBy = column;
  showCustomers();
  list.head.querySelectorAll("button")[listColumns.indexOf(column)].focus(); // the headings are new
}

// What a spreadsheet takes for the start of a formula, as where the project writes CSV files for people.
const FORMULA_START = /^(?:[\t\r\n]|[\p{Z}\p{C}]*[=+\-@＝＋－＠])/u;
const FORMULA_WITHIN = HAS_COMMA
  ? /([,;|\t\r\n])([\p{Z}\p{C}]*[=+\-@＝＋－＠])/gu
  : /([;|\t\r\n])([\p{Z}\p{C}]*[=+\-@＝＋－＠])/gu;
const PLAIN_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/;

/** A cell of a CSV file that no spreadsheet runs; numbers stay numbers. */
function csvCell(value) {
  if (value === null) return "";
  if (typeof value === "number") return typed(value);
  if (PLAIN_NUMBER.test(value) || NUMBER.test(value)) return value;
  const guarded = value.replace(FORMULA_WITHIN, "$1'$2");
  const text = FORMULA_START.test(value) ? `'${guarded}` : guarded;
  return /[",;|\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hand rows of cells to the reader as a file; nothing leaves the page. */
function save(rows, name) {
  const text = rows.map((cells) => `${cells.map(csvCell).join(HAS_COMMA ? ";" : ",")}\r\n`).join("");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

list.find.addEventListener("input", () => {
  list.rowsShown = ROWS_AT_ONCE;
  showCustomers();
});
list.more.addEventListener("click", () => {
  list.rowsShown += ROWS_MORE;
  showCustomers();
});
list.download.addEventListener("click", () => {
  const rows = rowsFound().map((row) => listColumns.map((column) => column.value(row)));
  save([listColumns.map(({ name }) => name), ...rows], `customers${chosen ? `-${chosen.anchor}` : ""}.csv`);
});
