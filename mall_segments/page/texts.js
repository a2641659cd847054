// Texts: what the scripts say, from the file texts.yml of the project.

const pageTexts = read("texts");

/** A text by its key, with a value in each place that it names in braces. */
function say(key, values = {}) {
  if (pageTexts[key] === undefined) throw new Error(`There is no text ${key}.`);
  return pageTexts[key].replace(/\{(\w+)\}/g, (_, place) => {
    if (values[place] === undefined) throw new Error(`The text ${key} lacks a value for {${place}}.`);
    return values[place];
  });
}
