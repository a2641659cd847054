// Charts: each is drawn when it comes into view, the others after that, one at a time.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
let specs = null; // read when the first chart is drawn
const drawn = {};

function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** The next chart to draw: one on the screen, else the next of the page; what is folded has no width yet and waits. */
function nextPlace() {
  const places = [...document.querySelectorAll("[data-view]:not([aria-hidden])")];
  const shown = places.filter((place) => !place.closest("details:not([open])"));
  const isOnScreen = (place) => {
    const { top, bottom } = place.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  };
  return shown.find(isOnScreen) ?? shown[0];
}

/** The data sets that a chart names, of all that the page holds. */
function dataOf(view) {
  const names = new Set();
  JSON.stringify(view, (key, value) => {
    if (key === "data" && value.name) names.add(value.name);
    return value;
  });
  return Object.fromEntries([...names].map((name) => [name, specs.datasets[name]]));
}

/** Let whatever else there is to do go first: a click, a letter, the next picture of what scrolls. */
function pause() {
  return new Promise((go) => {
    if (window.requestIdleCallback) requestIdleCallback(go, { timeout: 200 });
    else setTimeout(go);
  });
}

let isDrawing = false;

/** Draw every chart that is not folded away, each in a task of its own so that the page stays responsive. */
async function draw() {
  if (isDrawing) return;
  isDrawing = true;
  delete document.documentElement.dataset.drawn;
  await pause();
  specs ??= read("specs");
  for (let place = nextPlace(); place; place = nextPlace()) {
    const name = place.dataset.view;
    const { view } = await vegaEmbed(place, { ...specs.views[name], datasets: dataOf(specs.views[name]) }, {
      mode: "vega-lite",
      config: specs.config,
      renderer: "svg",
      actions: false,
      ast: true, // expressions are interpreted, so that the page need not allow eval
      bind: place.parentElement.nextElementSibling,
    });
    // The description of the whole chart says more than hundreds of marks read one by one.
    place.setAttribute("aria-hidden", "true");
    drawn[name] = view;
    link(name, place);
    await pause();
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
