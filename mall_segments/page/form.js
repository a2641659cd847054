// The form: what is typed, what is wrong with it, the answer and where it lies on the map.

/** What is wrong with a typed value, or an empty string. A category offers nothing wrong to choose. */
function problem(text, feature) {
  if (feature.levels || text === "" || /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) return "";
  return `“${text}” is not a number. Use digits and a decimal point, such as ${Math.round(feature.highest / 2)}.`;
}

// The largest size of a number that loading accepts, as in the warehouse's macro `within_range`.
const FAR = 1e100;

/** A typed value as loading takes it: null where it is not known or outside the valid range. */
function known(text, { levels, valid_min, valid_max }) {
  if (levels || text === "") return text || null;
  const value = Number(text);
  return value >= (valid_min ?? -FAR) && value <= (valid_max ?? FAR) ? value : null;
}

/** Sentences on every value that does not count as it was typed. */
function notes(texts, values) {
  const lists = { invalid: [], empty: [], held: [], outside: [] };
  const range = ({ valid_min, valid_max }) => {
    if (valid_min === null) return `up to ${valid_max}`;
    return valid_max === null ? `from ${valid_min}` : `${valid_min} to ${valid_max}`;
  };
  model.features.forEach((feature, i) => {
    const { name, label, levels, fill_value } = feature;
    const value = values[name];
    if (value === null && levels) lists.empty.push(`${label} (as it is spread among all)`);
    else if (value === null) {
      const taken = `${written(fill_value, feature)} taken`;
      if (texts[i] === "") lists.empty.push(`${label} (${taken})`);
      else if (feature.valid_min === null && feature.valid_max === null) lists.invalid.push(`${label} (${taken})`);
      else lists.invalid.push(`${label} (${range(feature)}; ${taken})`);
    } else if (!levels) {
      const row = model.segments[0].centers.find(({ feature: own }) => own === name);
      const kept = held(value, row);
      if (kept !== value) lists.held.push(`${label} (counts as ${written(kept, feature)})`);
      else if (value < feature.lowest || value > feature.highest) lists.outside.push(label);
    }
  });
  const said = [];
  const say = (start, list, end = "") => list.length && said.push(`${start}: ${list.join(", ")}.${end}`);
  say("Not a valid value, so taken as not known", lists.invalid);
  say("Not known, so filled in", lists.empty);
  say("Too far out to count in full", lists.held, " Take the answer as a hint.");
  say(`Outside the range of today's ${linked.said.customers}`, lists.outside, " Take the answer as a hint.");
  if (Object.values(values).every((value) => value === null)) {
    said.unshift(`Nothing is known of this ${linked.said.customer}: the answer is where the figures that are filled in belong.`);
  }
  return said;
}

function certainty(margin) {
  if (margin === null) return "There is no other segment to compare with.";
  return `${Math.round(100 * margin)} % nearer to this segment than to the runner-up (0 % is the border).`;
}

function showAnswer({ nearest, runnerUp, margin }, said) {
  const { segment } = nearest;
  const answer = document.getElementById("answer");
  const box = element("div", "", "answer");
  box.style.setProperty("--segment", segment.color);
  Object.assign(box.dataset, { segmentId: segment.segment_id, distance: nearest.distance, margin });
  if (runnerUp) box.dataset.runnerUpSegmentId = runnerUp.segment.segment_id;
  box.append(element("h3", segment.called));
  if (segment.called !== segment.segment_name) box.append(element("p", segment.segment_name, "name"));
  const facts = document.createElement("dl");
  const fact = (term, text) => facts.append(element("dt", term), element("dd", text));
  fact("How sure", certainty(margin));
  if (runnerUp) fact("Runner-up", runnerUp.segment.called);
  if (segment.action) fact("Do first", segment.action);
  if (segment.offer) fact("Offer", segment.offer);
  box.append(facts);
  for (const sentence of said) box.append(element("p", sentence, "note"));
  const more = element("a", "The whole plan for this segment");
  more.href = `#${segment.anchor}`;
  box.append(more);
  answer.replaceChildren(box);
}

/** Where a customer's values lie along an axis of the map: one that is a feature, or one that follows all of them. */
function along(axis, values) {
  if (Array.isArray(axis)) {
    if (Object.values(values).every((value) => value === null)) return null;
    return axis.reduce((sum, row) => sum + (row.loading * (counted(values[row.feature], row) - row.mean)) / row.scale, 0);
  }
  const value = values[axis] ?? null;
  const row = model.segments[0].centers.find(({ feature }) => feature === axis);
  return value === null ? null : held(value, row);
}

/** Move the mark of the map to a customer's values, or hide it where the map's axes are not known. */
function showOnMap(values) {
  const map = drawn[model.map];
  if (!map) return;
  const [x, y] = model.axes.map((axis) => along(axis, values));
  map.signal("typed_x", x).signal("typed_y", y).runAsync();
}

/** Take back an answer that is no longer the answer to what is typed. */
function forget(text = "The answer appears here.") {
  document.getElementById("answer").replaceChildren(element("p", text, "empty"));
  showOnMap({});
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
    forget("No answer: correct the marked field.");
    inputs[wrong].focus();
    return;
  }
  const values = Object.fromEntries(model.features.map((feature, i) => [feature.name, known(texts[i], feature)]));
  showAnswer(classify(values), notes(texts, values));
  showOnMap(values);
}
