// Numbers, as the project writes them and as its people type them.

const numbers = read("numbers");
const HAS_COMMA = numbers.decimal_mark === ",";
const NUMBER = HAS_COMMA ? /^[+-]?(\d+,?\d*|,\d+)$/ : /^[+-]?(\d+\.?\d*|\.\d+)$/;

/** A number with the marks of the project. */
function grouped(value, digits) {
  const marks = { ",": numbers.grouping_mark, ".": numbers.decimal_mark };
  const text = value.toLocaleString(numbers.digit_groups === "lakhs" ? "en-IN" : "en", digits);
  return text.replace(/[.,]/g, (mark) => marks[mark]);
}

/** A written number with its unit; the sign of a currency stands where the project has it. */
function measured(number, unit) {
  const { currency_sign: sign, currency_place: place } = numbers;
  const size = sign && place === "before" ? ["", "k", "M"].find((each) => `${unit} `.startsWith(`${each}${sign} `)) : undefined;
  if (size === undefined) return `${number} ${unit}`.trim();
  const minus = number.startsWith("-") ? "-" : "";
  const space = /[a-zA-Z.]$/.test(sign) ? "\u00a0" : "";
  return `${minus}${sign}${space}${number.slice(minus.length)}${size}${unit.slice(size.length + sign.length)}`;
}

/** A number of a feature as people write it. */
function written(value, { unit }) {
  return measured(grouped(value, { maximumSignificantDigits: Math.abs(value) >= 1000 ? 6 : 4 }), unit ?? "");
}

/** A number as people type it, without marks between its groups. */
function typed(value) {
  return String(value).replace(".", numbers.decimal_mark);
}

/** The number that a typed text is, not a number where it is none. */
function numberOf(text) {
  return NUMBER.test(text) ? Number(text.replace(",", ".")) : NaN;
}

/** A cell of a file that writes decimal points, as people of the project type it. */
function fromPoints(text) {
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text.trim()) ? typed(text.trim()) : text;
}
