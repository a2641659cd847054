// The form: what is typed, what is wrong with it, the answer and where it lies on the map.

function certainty(margin) {
  if (margin === null) return say("classify.script.no_margin");
  return say("classify.script.margin", { share: Math.round(100 * margin) });
}

/** A change as people say it: what, from where to where, and which segment that is. */
function moveSentence({ feature, to, segment }, from) {
  const own = { feature: capitalized(feature.label), segment: segment.called };
  if (feature.levels) return say("classify.script.move_of_category", { ...own, to, from });
  const change = Number((to - from).toPrecision(12));
  const sign = change > 0 ? "+" : "−";
  return say("classify.script.move", {
    ...own,
    to: written(to, feature),
    change: `${sign}${written(Math.abs(change), {})}`,
  });
}

function listOfMoves(moves, values) {
  const entries = document.createElement("ul");
  for (const move of moves) {
    const entry = element("li", moveSentence(move, values[move.feature.name]), "move");
    Object.assign(entry.dataset, { feature: move.feature.name, to: move.to, segmentId: move.segment.segment_id });
    if (move.border !== undefined) entry.dataset.border = move.border;
    entries.append(entry);
  }
  return entries;
}

/** A button that takes a number that was probably meant. */
function suggestion(value, { name }) {
  const button = element("button", say("classify.script.did_you_mean", { number: typed(value) }), "suggestion");
  button.type = "button";
  button.addEventListener("click", () => {
    fieldOf(name).value = typed(value);
    form.requestSubmit();
    fieldOf(name).focus(); // the button is gone
  });
  return button;
}

function showAnswer({ nearest, runnerUp, margin }, said, values, texts) {
  const { segment } = nearest;
  const box = element("div", "", "answer");
  box.style.setProperty("--segment", segment.color);
  Object.assign(box.dataset, { segmentId: segment.segment_id, distance: nearest.distance, margin });
  if (runnerUp) box.dataset.runnerUpSegmentId = runnerUp.segment.segment_id;
  box.append(element("h3", segment.called));
  if (segment.called !== segment.segment_name) box.append(element("p", segment.segment_name, "name"));
  const facts = document.createElement("dl");
  const fact = (term, text) => {
    const said = element("dd", text);
    facts.append(element("dt", term), said);
    return said;
  };
  fact(say("classify.script.how_sure"), certainty(margin));
  if (runnerUp) fact(say("classify.script.runner_up"), runnerUp.segment.called);
  const moves = smallestMoves(values);
  if (moves.length) fact(say("classify.script.moves"), "").append(listOfMoves(moves, values));
  if (segment.action) fact(say("classify.script.do_first"), segment.action);
  if (segment.offer) fact(say("classify.script.offer"), segment.offer);
  box.append(facts);
  for (const sentence of said) box.append(element("p", sentence, "note"));
  model.features.forEach((feature, i) => {
    const value = meant(texts[i], feature);
    if (value !== null) box.append(suggestion(value, feature));
  });
  const more = element("a", say("classify.script.plan"));
  more.href = `#${segment.anchor}`;
  box.append(more);
  document.getElementById("answer").replaceChildren(box);
}

/** Where a customer's values lie along an axis of the map: one that is a feature, or one that follows all of them. */
function along(axis, values) {
  if (Array.isArray(axis)) {
    if (Object.values(values).every((value) => value === null)) return null;
    return axis.reduce((sum, row) => sum + (row.loading * (counted(values[row.feature], row) - row.mean)) / row.scale, 0);
  }
  const value = values[axis] ?? null;
  return value === null ? null : held(value, rowOf(model.segments[0], axis));
}

/** Move the mark of the map to a customer's values, or hide it where the map's axes are not known. */
function showOnMap(values) {
  const map = drawn[model.map];
  if (!map) return;
  const [x, y] = model.axes.map((axis) => along(axis, values));
  map.signal("typed_x", x).signal("typed_y", y).runAsync();
}

/** A step of a slider: a hundredth or so of what it spans, and no part of a whole number where there is no need. */
function stepOf(low, high) {
  const step = 10 ** Math.floor(Math.log10((high - low) / 50));
  return Number.isInteger(low) && Number.isInteger(high) ? Math.max(step, 1) : step;
}

/** A slider for each number, over what customers have of it and within what is valid. */
function addSliders() {
  const box = document.getElementById("sliders");
  for (const feature of model.features.filter(({ levels, lowest, highest }) => !levels && highest > lowest)) {
    const low = Math.max(feature.lowest, feature.valid_min ?? -Infinity);
    const high = Math.min(feature.highest, feature.valid_max ?? Infinity);
    const label = element("label", say("classify.script.slider", { feature: feature.label }));
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", id: `slide-${feature.name}`, min: low, max: high, step: stepOf(low, high) });
    label.htmlFor = slider.id;
    slider.addEventListener("input", () => {
      fieldOf(feature.name).value = typed(slider.value);
      answer();
    });
    box.append(label, slider);
  }
}

/** Have the sliders stand where the customer is; what is not known stands where it is filled in. */
function showSliders(values) {
  const box = document.getElementById("sliders");
  box.hidden = !values || !box.querySelector("input");
  if (box.hidden) return;
  for (const { name, fill_value, unit } of model.features) {
    const slider = document.getElementById(`slide-${name}`);
    if (!slider) continue;
    const value = values[name] ?? fill_value;
    if (document.activeElement !== slider) slider.value = value;
    slider.setAttribute("aria-valuetext", written(value, { unit }));
  }
}

/** Take back an answer that is no longer the answer to what is typed. */
function forget(text = say("classify.script.no_answer_yet")) {
  document.getElementById("answer").replaceChildren(element("p", text, "empty"));
  showOnMap({});
  showSliders(null);
}

function fieldOf(name) {
  return document.getElementById(`field-${name}`);
}

/** Answer what is typed, or say what is wrong with it; returns the first field that is wrong. */
function answer() {
  const inputs = model.features.map(({ name }) => fieldOf(name));
  const texts = inputs.map((input) => cleaned(input.value));
  const problems = texts.map((text, i) => problem(text, model.features[i]));
  problems.forEach((text, i) => {
    const place = document.getElementById(`error-${model.features[i].name}`);
    place.textContent = text;
    place.hidden = !text;
    const value = text ? meant(texts[i], model.features[i]) : null;
    if (value !== null) place.append(" ", suggestion(value, model.features[i]));
    if (text) inputs[i].setAttribute("aria-invalid", "true");
    else inputs[i].removeAttribute("aria-invalid");
  });
  const wrong = inputs.find((_, i) => problems[i]);
  if (wrong) {
    forget(say("classify.script.no_answer"));
    return wrong;
  }
  const values = valuesOf(texts);
  showAnswer(classify(values), notes(texts, values), values, texts);
  showOnMap(values);
  showSliders(values);
  return null;
}

function submit(event) {
  event.preventDefault();
  answer()?.focus();
}
