// A whole file: pasted, chosen or dropped, every row classified as the form does it, and handed back.

const ROWS_AT_A_TIME = 500; // of a file, so that the page stays responsive
const ROWS_PREVIEWED = 10;
const PROBLEMS_TOLD = 5;
const file = {
  box: document.getElementById("file-box"),
  pasted: document.getElementById("pasted"),
  chosen: document.getElementById("file"),
  said: document.getElementById("file-said"),
  result: document.getElementById("file-result"),
  run: 0, // a later file stops an earlier one
};

/** Which mark parts the cells: the one that the first line has most of, outside quotes. */
function delimiterOf(text) {
  const line = text.split(/\r?\n|\r/, 1)[0].replace(/"[^"]*"/g, "");
  const counts = [",", ";", "\t", "|"].map((mark) => [mark, line.split(mark).length]);
  return counts.reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}

/** Excel's own first line, which only names the delimiter. */
const SEPARATOR_LINE = /^\ufeff?"?sep=."?(\r\n|\r|\n)/;

/** The rows of a CSV text, each with the line that it begins on; blank lines are none. */
function parsedRows(written) {
  const text = written.replace(SEPARATOR_LINE, "");
  const delimiter = delimiterOf(text);
  const rows = [];
  let cells = [];
  let cell = "";
  let isQuoted = false;
  let line = text === written ? 1 : 2;
  let start = line;
  const endCell = () => {
    cells.push(cell);
    cell = "";
  };
  const endRow = () => {
    endCell();
    if (cells.some((each) => each.trim())) rows.push({ cells, line: start });
    cells = [];
    start = line;
  };
  for (let at = 0; at < text.length; at += 1) {
    const mark = text[at];
    const isEnd = mark === "\n" || (mark === "\r" && text[at + 1] !== "\n");
    if (isEnd) line += 1;
    if (isQuoted) {
      if (mark !== '"') cell += mark;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (mark === '"' && !cell.trim()) {
      cell = "";
      isQuoted = true;
    } else if (mark === delimiter) endCell();
    else if (isEnd) endRow();
    else if (mark !== "\r") cell += mark;
  }
  if (isQuoted) throw new Error(say("file.script.open_quote", { line: start }));
  endRow();
  return rows;
}

const plainName = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Which column holds a feature: by its name, or what people call it, with or without what stands in brackets. */
function columnOf({ name, label, unit }, headers) {
  const names = new Set([name, label, `${label} ${unit ?? ""}`].map(plainName));
  const found = (read) => headers.flatMap((header, place) => (names.has(plainName(read(header))) ? [place] : []));
  const exact = found((header) => header);
  const places = exact.length ? exact : found((header) => header.replace(/[([].*?[)\]]/g, ""));
  if (places.length > 1) {
    const both = places.map((place) => say("file.script.header", { header: headers[place] }));
    const own = { headers: both.join(say("words.script.and")), feature: label, name };
    throw new Error(say("file.script.two_columns", own));
  }
  return places[0] ?? null;
}

/** Where each feature stands in the file, or a sentence on what to change. */
function columnsOf(headers) {
  const places = model.features.map((feature) => columnOf(feature, headers));
  if (places.every((place) => place === null)) {
    const names = model.features.map(({ name }) => name).join(", ");
    throw new Error(say("file.script.no_columns", { names }));
  }
  return places;
}

/** What becomes of one row: its segment, the runner-up, how sure that is, and what there is to say about it. */
function classifiedRow({ cells, line }, places, width) {
  if (cells.slice(width).some((cell) => cell.trim())) {
    return { cells, line, problem: say("file.script.too_many_cells", { cells: cells.length, columns: width }) };
  }
  const texts = places.map((place) => cleaned(place === null ? "" : cells[place] ?? ""));
  const problems = texts.map((text, i) => problem(text, model.features[i])).filter(Boolean);
  if (problems.length) return { cells, line, problem: problems.join(" ") };
  const values = valuesOf(texts);
  return { cells, line, answer: classify(values), said: notes(texts, values).join(" ") };
}

/** Classify the rows of a text, some at a time; null where another file came in between. */
async function classifiedRows(text, tell) {
  file.run += 1;
  const { run } = file;
  const [head, ...rows] = parsedRows(text);
  if (!rows.length) throw new Error(say("file.script.no_rows"));
  const headers = head.cells.map((header) => header.trim());
  const places = columnsOf(headers);
  // Where commas part the cells, decimals have points, whatever the project writes.
  if (HAS_COMMA && delimiterOf(text) === ",") {
    const ofNumbers = places.filter((place, i) => place !== null && !model.features[i].levels);
    for (const { cells } of rows) for (const place of ofNumbers) cells[place] = fromPoints(cells[place] ?? "");
  }
  const classified = [];
  for (const row of rows) {
    classified.push(classifiedRow(row, places, headers.length));
    if (classified.length % ROWS_AT_A_TIME === 0) {
      tell(say("file.script.progress", { done: grouped(classified.length), all: grouped(rows.length) }));
      await new Promise((go) => setTimeout(go));
      if (run !== file.run) return null;
    }
  }
  return { headers, places, classified };
}

/** The result as rows of a CSV file: what came in, and what was found. */
function resultRows({ headers, classified }) {
  const own = ["segment", "segment_name", "runner_up", "margin", "note"];
  const free = own.map((name) => (headers.includes(name) ? `${name}_found` : name));
  const rows = classified.map(({ cells, answer, said, problem: wrong }) => [
    ...headers.map((_, place) => cells[place] ?? ""),
    ...(answer
      ? [
          answer.nearest.segment.called,
          answer.nearest.segment.segment_name,
          answer.runnerUp?.segment.called ?? "",
          answer.margin === null ? "" : Number(answer.margin.toFixed(4)),
          said,
        ]
      : ["", "", "", "", wrong]),
  ]);
  return [[...headers, ...free], ...rows];
}

/** Say how many rows have a segment, and how many have none. */
function resultSentence(right, wrong) {
  const [ofRight, ofWrong] = [right, wrong].map((number) => ({ count: grouped(number) }));
  const with_segment = right === 1
    ? say("file.script.with_segment_one", ofRight)
    : say("file.script.with_segment", ofRight);
  if (!wrong) return say("file.script.all_right", { with_segment });
  const without_segment = wrong === 1
    ? say("file.script.without_segment_one", ofWrong)
    : say("file.script.without_segment", ofWrong);
  return say("file.script.some_wrong", { with_segment, without_segment });
}

/** Show how many rows went where, what is wrong with others, and the first of them. */
function showResult({ headers, places, classified }) {
  const right = classified.filter(({ answer }) => answer);
  const wrong = classified.filter(({ answer }) => !answer);
  const counts = model.segments.map(({ segment_id, called, color }) => ({
    called,
    color,
    count: right.filter(({ answer }) => answer.nearest.segment.segment_id === segment_id).length,
  }));
  const shares = element("ul", "", "counts");
  for (const { called, color, count } of counts.filter((each) => each.count)) {
    const entry = element("li", `${grouped(count)} ${called}`);
    entry.style.setProperty("--segment", color);
    shares.append(entry);
  }
  const parts = [shares];
  const lacking = model.features.filter((_, i) => places[i] === null);
  if (lacking.length) {
    const names = lacking.map(({ label, name }) => `${label} (${name})`).join(", ");
    parts.push(element("p", say("file.script.no_column_for", { features: names }), "note"));
  }
  if (wrong.length) {
    const told = element("ul", "", "problems");
    for (const { line, problem } of wrong.slice(0, PROBLEMS_TOLD)) {
      told.append(element("li", say("file.script.wrong", { line, problem })));
    }
    const left = wrong.length - PROBLEMS_TOLD;
    if (left === 1) told.append(element("li", say("file.script.more_wrong_one", { count: left })));
    else if (left > 1) told.append(element("li", say("file.script.more_wrong", { count: grouped(left) })));
    parts.push(told);
  }
  const table = element("table", "", "list");
  const heading = document.createElement("tr");
  const asked = places.flatMap((place, i) => (place === null ? [] : [[place, capitalized(model.features[i].label)]]));
  const titles = [
    say("file.script.line"),
    ...asked.map(([, label]) => label),
    say("columns.script.segment"),
    say("classify.script.runner_up"),
    say("classify.script.how_sure"),
  ];
  heading.append(...titles.map((title) => Object.assign(element("th", title), { scope: "col" })));
  const rows = right.slice(0, ROWS_PREVIEWED).map(({ cells, line, answer }) => {
    const row = document.createElement("tr");
    row.append(Object.assign(element("th", String(line)), { scope: "row" }));
    const margin = answer.margin === null ? "" : `${Math.round(100 * answer.margin)} %`;
    const texts = [...asked.map(([place]) => cells[place] ?? ""), answer.nearest.segment.called];
    for (const [place, text] of [...texts, answer.runnerUp?.segment.called ?? "", margin].entries()) {
      const cell = element("td", text);
      cell.dataset.label = titles[place + 1];
      row.append(cell);
    }
    return row;
  });
  if (rows.length) {
    const head = document.createElement("thead");
    const body = document.createElement("tbody");
    head.append(heading);
    body.append(...rows);
    const caption = rows.length < right.length
      ? say("file.script.caption_of_first", { count: rows.length })
      : say("file.script.caption");
    table.append(element("caption", caption), head, body);
    parts.push(table);
  }
  const button = element("button", say("file.script.save"));
  button.type = "button";
  button.id = "file-save";
  button.addEventListener("click", () => save(resultRows({ headers, classified }), "segments.csv"));
  file.result.replaceChildren(...parts, button);
  file.said.textContent = resultSentence(right.length, wrong.length);
}

/** Classify a text and show what came of it; whatever stood there before is the answer to something else. */
async function classifyText(text) {
  file.result.replaceChildren();
  const tell = (sentence) => { file.said.textContent = sentence; };
  try {
    const done = await classifiedRows(text, tell);
    if (done) showResult(done);
  } catch (error) {
    tell(error.message);
  }
}

/** A file as text: UTF-8, or else as Windows writes it. */
async function textOf(blob) {
  const bytes = await blob.arrayBuffer();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

async function takeFile(blob) {
  file.pasted.value = "";
  await classifyText(await textOf(blob));
}

function listenToFiles() {
  file.box.addEventListener("dragover", (event) => {
    event.preventDefault();
    file.box.classList.add("over");
  });
  file.box.addEventListener("dragleave", () => file.box.classList.remove("over"));
  file.box.addEventListener("drop", (event) => {
    event.preventDefault();
    file.box.classList.remove("over");
    const [dropped] = event.dataTransfer.files;
    if (dropped) takeFile(dropped);
    else file.said.textContent = say("file.script.no_file");
  });
  file.chosen.addEventListener("change", () => file.chosen.files[0] && takeFile(file.chosen.files[0]));
  file.pasted.addEventListener("input", () => {
    file.run += 1;
    file.result.replaceChildren();
    file.said.textContent = "";
  });
  document.getElementById("file-go").addEventListener("click", () => {
    if (file.pasted.value.trim()) classifyText(file.pasted.value);
    else file.said.textContent = say("file.script.nothing_pasted");
  });
}
