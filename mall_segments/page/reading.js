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
  const mark = HAS_COMMA ? "comma" : "point";
  return `“${text}” is not a number. Use digits and a decimal ${mark}, such as ${Math.round(feature.highest / 2)}.`;
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
  if (valid_min === null) return `up to ${typed(valid_max)}`;
  return valid_max === null ? `from ${typed(valid_min)}` : `${typed(valid_min)} to ${typed(valid_max)}`;
}

/** Sentences on every value that does not count as it was typed. */
function notes(texts, values) {
  const lists = { invalid: [], unseen: [], empty: [], held: [], outside: [] };
  model.features.forEach((feature, i) => {
    const { name, label, levels, fill_value } = feature;
    const value = values[name];
    if (levels && texts[i] !== "" && value !== texts[i]) {
      lists.unseen.push(`${label} (“${texts[i]}” counts ${value === null ? "as not known" : `as ${value}`})`);
    } else if (value === null && levels) lists.empty.push(`${label} (as it is spread among all)`);
    else if (value === null) {
      const taken = `${written(fill_value, feature)} taken`;
      if (texts[i] === "") lists.empty.push(`${label} (${taken})`);
      else if (feature.valid_min === null && feature.valid_max === null) lists.invalid.push(`${label} (${taken})`);
      else lists.invalid.push(`${label} (${validRange(feature)}; ${taken})`);
    } else if (!levels) {
      const row = rowOf(model.segments[0], name);
      const kept = held(value, row);
      if (kept !== value) lists.held.push(`${label} (counts as ${written(kept, feature)})`);
      else if (value < feature.lowest || value > feature.highest) lists.outside.push(label);
    }
  });
  const said = [];
  const say = (start, list, end = "") => list.length && said.push(`${start}: ${list.join(", ")}.${end}`);
  say("Not a valid value, so taken as not known", lists.invalid);
  say("Not a value that the model knows", lists.unseen);
  say("Not known, so filled in", lists.empty);
  say("Too far out to count in full", lists.held, " Take the answer as a hint.");
  say(`Outside the range of today's ${linked.said.customers}`, lists.outside, " Take the answer as a hint.");
  if (Object.values(values).every((value) => value === null)) {
    said.unshift(`Nothing is known of this ${linked.said.customer}: the answer is where the figures that are filled in belong.`);
  }
  return said;
}
