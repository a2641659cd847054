// What is typed, as the warehouse's loading takes it: for the form and for a whole file.

// The usual marks of a missing value, as in the warehouse's macro `is_blank`.
const BLANK = new Set([
  ..."? - -- . na n/a n.a. #n/a #na <na> nan -nan nat null #null! (null) <null> none nil unknown".split(" "),
  ..."#ref! #value! #div/0! #name? #num!".split(" "),
]);

/** A text without what says nothing. */
function cleaned(text) {
  const trimmed = text.trim();
  return BLANK.has(trimmed.toLowerCase()) ? "" : trimmed;
}

/** The number that was probably meant, where another way of writing it is one that customers have; else null. */
function meant(text, { unit, levels, lowest, highest }) {
  if (levels) return null;
  const isUsual = (value) => !Number.isNaN(value) && value >= lowest && value <= highest;
  if (isUsual(numberOf(text))) return null;
  const [decimal, other] = HAS_COMMA ? [",", "."] : [".", ","];
  const isGrouped = (HAS_COMMA ? /^[+-]?\d{1,3}(\.\d{3})+(,\d*)?$/ : /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/).test(text);
  const amount = numberOf(isGrouped ? text.replaceAll(other, "") : text);
  const isInThousands = /^k([$€£¥]|[A-Z]{3}|\b|$)|thousand/.test(unit ?? "");
  const candidates = [amount, isInThousands ? amount / 1000 : NaN];
  if (/^[+-]?\d+[.,]\d+$/.test(text)) candidates.push(numberOf(text.replace(other, decimal)));
  return candidates.find(isUsual) ?? null;
}

/** What is wrong with a typed value, or an empty string. A category has no wrong values, only unknown ones. */
function problem(text, feature) {
  if (feature.levels || text === "" || NUMBER.test(text)) return "";
  const example = Math.round(feature.highest / 2);
  return HAS_COMMA
    ? say("classify.script.not_a_number_with_comma", { typed: text, example })
    : say("classify.script.not_a_number", { typed: text, example });
}

// The largest size of a number that loading accepts, as in the warehouse's macro `within_range`.
const FAR = 1e100;

/** A typed value as loading takes it: null where it is not known or outside the valid range. */
function known(text, { levels, valid_min, valid_max }) {
  if (text === "") return null;
  if (levels) return [text, "other"].find((level) => levels.includes(level)) ?? null;
  const value = Number(text.replace(numbers.decimal_mark, "."));
  return value >= (valid_min ?? -FAR) && value <= (valid_max ?? FAR) ? value : null;
}

/** A value per feature of what is typed for each. */
function valuesOf(texts) {
  return Object.fromEntries(model.features.map((feature, i) => [feature.name, known(texts[i], feature)]));
}

/** The valid range of a feature in words. */
function validRange({ valid_min, valid_max }) {
  if (valid_min === null) return say("classify.script.range_up_to", { highest: typed(valid_max) });
  if (valid_max === null) return say("classify.script.range_from", { lowest: typed(valid_min) });
  return say("classify.script.range", { lowest: typed(valid_min), highest: typed(valid_max) });
}

/** Sentences on every value that does not count as it was typed. */
function notes(texts, values) {
  const lists = { invalid: [], unseen: [], empty: [], held: [], outside: [] };
  model.features.forEach((feature, i) => {
    const { name, label, levels, fill_value } = feature;
    const value = values[name];
    if (levels && texts[i] !== "" && value !== texts[i]) {
      const unseen = { feature: label, typed: texts[i] };
      lists.unseen.push(
        value === null
          ? say("classify.script.feature_unseen", unseen)
          : say("classify.script.feature_unseen_as", { ...unseen, level: value })
      );
    } else if (value === null && levels) lists.empty.push(say("classify.script.feature_spread", { feature: label }));
    else if (value === null) {
      const taken = { feature: label, value: written(fill_value, feature) };
      if (texts[i] === "") lists.empty.push(say("classify.script.feature_taken", taken));
      else if (feature.valid_min === null && feature.valid_max === null) {
        lists.invalid.push(say("classify.script.feature_taken", taken));
      } else lists.invalid.push(say("classify.script.feature_invalid", { ...taken, range: validRange(feature) }));
    } else if (!levels) {
      const row = rowOf(model.segments[0], name);
      const kept = held(value, row);
      if (kept !== value) {
        lists.held.push(say("classify.script.feature_held", { feature: label, value: written(kept, feature) }));
      } else if (value < feature.lowest || value > feature.highest) lists.outside.push(label);
    }
  });
  const said = Object.values(values).every((value) => value === null) ? [say("classify.script.nothing_known")] : [];
  const add = (list, sentence) => list.length && said.push(sentence(list.join(", ")));
  add(lists.invalid, (features) => say("classify.script.invalid", { features }));
  add(lists.unseen, (features) => say("classify.script.unseen", { features }));
  add(lists.empty, (features) => say("classify.script.empty", { features }));
  add(lists.held, (features) => say("classify.script.held", { features }));
  add(lists.outside, (features) => say("classify.script.outside", { features }));
  return said;
}
