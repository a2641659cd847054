// Charts: each is drawn when it can be seen, and marks the segment that is chosen.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const { datasets, views, config } = read("specs");
const drawn = {};

function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** A number of a feature as people write it. */
function written(value, { unit }) {
  const digits = { maximumSignificantDigits: Math.abs(value) >= 1000 ? 6 : 4 };
  return `${value.toLocaleString("en", digits)} ${unit ?? ""}`.trim();
}

/** The next chart to draw: one on the screen, else the next below; what is folded has no width yet and waits. */
function nextPlace() {
  const places = [...document.querySelectorAll("[data-view]:not([aria-hidden])")];
  const shown = places.filter((place) => !place.closest("details:not([open])"));
  const isOnScreen = (place) => {
    const { top, bottom } = place.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };
  return shown.find(isOnScreen) ?? shown[0];
}

let isDrawing = false;

/** Draw every chart that can be seen, one at a time so that the page stays responsive. */
async function draw() {
  if (isDrawing) return;
  isDrawing = true;
  delete document.documentElement.dataset.drawn;
  for (let place = nextPlace(); place; place = nextPlace()) {
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
    link(name, place);
  }
  isDrawing = false;
  document.documentElement.dataset.drawn = "true";
}

/** Open what the address leads to, where it is folded. */
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const own = target.querySelector(":scope > details.evidence");
  for (const part of [own, target.closest("details")]) if (part) part.open = true;
}
