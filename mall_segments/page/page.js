const read = (id) => JSON.parse(document.getElementById(id).textContent);
const { datasets, views, config } = read("specs");
const model = read("model");
const drawn = {};

/** Draw every chart in the order of the page, one at a time so that the page stays responsive. */
async function draw() {
  for (const place of document.querySelectorAll("[data-view]")) {
    const name = place.dataset.view;
    const { view } = await vegaEmbed(place, { ...views[name], datasets }, {
      mode: "vega-lite",
      config,
      renderer: "svg",
      actions: false,
      ast: true, // expressions are interpreted, so that the page need not allow eval
      bind: place.parentElement.nextElementSibling,
    });
    // The description of the whole chart says more than hundreds of marks read one by one.
    place.setAttribute("aria-hidden", "true");
    drawn[name] = view;
  }
  document.documentElement.dataset.drawn = "true";
}

/** A value on the scale that distances are taken on, as the warehouse's macro `transformed` has it. */
function transformed(value, transform) {
  return transform === "log" ? Math.sign(value) * Math.log(1 + Math.abs(value)) : value;
}

/** Squared difference of a typed value, null where it is not known, to a row of the model. */
function part(typed, { level, fill_value, low_fence, high_fence, transform, scale, center }) {
  let value = fill_value;
  if (typed !== null) value = level === "" ? typed : Number(typed === level);
  if (level === "") value = Math.min(Math.max(value, low_fence ?? -Infinity), high_fence ?? Infinity);
  return ((transformed(value, transform) - transformed(center, transform)) / scale) ** 2;
}

/** Distance of a customer, a value by feature, to a segment's center, in standard deviations. */
function distance(values, segment) {
  return Math.sqrt(segment.centers.reduce((sum, row) => sum + part(values[row.feature], row), 0));
}

/** Nearest segment, runner-up and margin; the lower number wins a tie. */
function classify(values) {
  const ranked = model.segments
    .map((segment) => ({ segment, distance: distance(values, segment) }))
    .sort((a, b) => a.distance - b.distance || a.segment.segment_id - b.segment.segment_id);
  const [nearest, runnerUp] = ranked;
  const margin = runnerUp && runnerUp.distance > 0 ? 1 - nearest.distance / runnerUp.distance : null;
  return { nearest, runnerUp, margin };
}

/** What is wrong with a typed value, or an empty string. A category offers nothing wrong to choose. */
function problem(text, feature) {
  if (feature.levels) return "";
  if (text === "") return `Type the ${feature.label}.`;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) {
    return `“${text}” is not a number. Use digits and a decimal point, such as ${Math.round(feature.highest / 2)}.`;
  }
  if (Number(text) < 0 && feature.lowest >= 0) return `The ${feature.label} cannot be negative.`;
  return "";
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function certainty(margin) {
  if (margin === null) return "There is no other segment to compare with.";
  return `${Math.round(100 * margin)} % nearer to this segment than to the runner-up (0 % is the border).`;
}

function showAnswer({ nearest, runnerUp, margin }, outside) {
  const { segment } = nearest;
  const answer = document.getElementById("answer");
  const box = element("div", "", "answer");
  box.style.setProperty("--segment", segment.color);
  Object.assign(box.dataset, { segmentId: segment.segment_id, distance: nearest.distance, margin });
  if (runnerUp) box.dataset.runnerUpSegmentId = runnerUp.segment.segment_id;
  box.append(element("h3", segment.nickname));
  if (segment.nickname !== segment.segment_name) box.append(element("p", segment.segment_name, "name"));
  const facts = document.createElement("dl");
  const fact = (term, text) => facts.append(element("dt", term), element("dd", text));
  fact("How sure", certainty(margin));
  if (runnerUp) fact("Runner-up", runnerUp.segment.nickname);
  if (segment.action) fact("Do first", segment.action);
  if (segment.offer) fact("Offer", segment.offer);
  box.append(facts);
  if (outside.length) {
    box.append(element("p", `Outside the range of today's customers: ${outside.join(", ")}. Take the answer as a hint.`, "note"));
  }
  const more = element("a", "The whole plan for this segment");
  more.href = `#${segment.anchor}`;
  box.append(more);
  answer.replaceChildren(box);
}

function showOnMap(values) {
  const map = drawn[model.map];
  if (!map) return;
  const at = (axis) => values[model.axes[axis]] ?? null;
  map.signal("typed_x", at(0)).signal("typed_y", at(1)).runAsync();
}

function submit(event) {
  event.preventDefault();
  const inputs = model.features.map(({ name }) => document.getElementById(`field-${name}`));
  const texts = inputs.map((input) => input.value.trim());
  const problems = texts.map((text, i) => problem(text, model.features[i]));
  problems.forEach((text, i) => {
    const place = document.getElementById(`error-${model.features[i].name}`);
    place.textContent = text;
    place.hidden = !text;
    if (text) inputs[i].setAttribute("aria-invalid", "true");
    else inputs[i].removeAttribute("aria-invalid");
  });
  const wrong = problems.findIndex(Boolean);
  if (wrong >= 0) {
    document.getElementById("answer").replaceChildren(element("p", "No answer: fix the marked field.", "empty"));
    inputs[wrong].focus();
    return;
  }
  const values = Object.fromEntries(
    model.features.map(({ name, levels }, i) => [name, levels ? texts[i] || null : Number(texts[i])]),
  );
  const outside = model.features
    .filter(({ name, lowest, highest }) => values[name] < lowest || values[name] > highest)
    .map(({ label }) => label);
  showAnswer(classify(values), outside);
  showOnMap(values);
}

/** Closed parts would be missing on paper. */
function openForPrint() {
  for (const part of document.querySelectorAll("details:not([open])")) {
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

document.getElementById("classify-form").addEventListener("submit", submit);
window.addEventListener("beforeprint", openForPrint);
window.addEventListener("afterprint", closeAfterPrint);
draw();
