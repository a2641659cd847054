"""Measuring every text box of a page: what is cut off, what leaves its box, what lies on something else."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = [320, 375, 768, 1280, 1920]

MEASURE = """() => {
  const found = [];
  const said = (part) => part.textContent.trim().slice(0, 60);
  for (const svg of document.querySelectorAll(".chart svg")) {
    const { view } = svg.closest("[data-view]").dataset;
    const frame = svg.getBoundingClientRect();
    // A halo lies under its own words, and what cannot be seen may lie anywhere.
    const words = [...svg.querySelectorAll("text")]
      .filter((text) => text.textContent.trim() && text.getAttribute("opacity") !== "0")
      .filter((text) => getComputedStyle(text).stroke === "none")
      .map((text) => [said(text), text.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0);
    words.forEach(([text, box], place) => {
      const isWithin = box.left > frame.left - 1 && box.right < frame.right + 1
        && box.top > frame.top - 1 && box.bottom < frame.bottom + 1;
      if (!isWithin) found.push(`${view}: "${text}" is cut off`);
      for (const [other, its] of words.slice(place + 1)) {
        const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
        const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
        if (across > 2 && down > 3) found.push(`${view}: "${text}" lies on "${other}"`);
      }
    });
  }
  for (const part of document.querySelectorAll("header *, main *, footer *")) {
    const box = part.getBoundingClientRect();
    const isText = [...part.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!isText || part.closest("svg") || !box.width || !box.height) continue;
    if (box.left < -1 || box.right > innerWidth + 1) found.push(`"${said(part)}" leaves the page`);
    const isBlock = getComputedStyle(part).display !== "inline";
    if (isBlock && part.scrollWidth > part.clientWidth + 1) found.push(`"${said(part)}" leaves its box`);
  }
  return found;
}"""


# axe-core looks at no words of a chart. Each stands on the marks drawn before it, or on a halo in the page's color.
FAINT = """() => {
  const colors = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
  const over = (color, alpha, below) => below.map((channel, place) => color[place] * alpha + channel * (1 - alpha));
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (color) => color.map((channel) => linear(channel / 255))
    .reduce((sum, channel, place) => sum + channel * [0.2126, 0.7152, 0.0722][place], 0.05);
  const opacity = (mark) => Number(mark.getAttribute("opacity") ?? 1) * Number(getComputedStyle(mark).fillOpacity);
  const isOn = (mark, x, y) => {
    const { left, right, top, bottom } = mark.getBoundingClientRect();
    const place = new DOMPoint(x, y).matrixTransform(mark.getScreenCTM().inverse());
    return left <= x && x <= right && top <= y && y <= bottom && mark.isPointInFill(place);
  };
  const found = [];
  for (const svg of document.querySelectorAll(".chart svg")) {
    const { view } = svg.closest("[data-view]").dataset;
    const page = colors(getComputedStyle(svg.closest(".figure")).backgroundColor).slice(0, 3);
    const marks = [];
    const halos = new Set();
    for (const mark of svg.querySelectorAll("path, rect, text")) {
      const { fill, stroke } = getComputedStyle(mark);
      if (mark.tagName !== "text") {
        if (fill.startsWith("rgb")) marks.push(mark);
        continue;
      }
      const { left, right, top, bottom, width } = mark.getBoundingClientRect();
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      const own = `${mark.textContent} ${Math.round(x)} ${Math.round(y)}`;
      if (stroke !== "none") halos.add(own);
      if (stroke !== "none" || !width || !mark.textContent.trim() || opacity(mark) === 0) continue;
      let behind = page;
      for (const below of halos.has(own) ? [] : marks.filter((each) => isOn(each, x, y))) {
        const color = colors(getComputedStyle(below).fill);
        behind = over(color, color[3] * opacity(below), behind);
      }
      const color = colors(fill);
      const seen = over(color, color[3] * opacity(mark), behind);
      const [dark, bright] = [seen, behind].map(luminance).sort((a, b) => a - b);
      if (bright / dark < 4.5) found.push(`${view}: "${mark.textContent}" has ${(bright / dark).toFixed(2)}`);
    }
  }
  return found;
}"""


def misplaced_words(page: Page) -> list[str]:
    """Say of every text that does not fit where it stands what is wrong with it."""
    return page.evaluate(MEASURE)


def faint_words(page: Page) -> list[str]:
    """Say of every text of a chart that has less than the contrast of WCAG's level AA, 4.5 to 1, how much it has."""
    return page.evaluate(FAINT)


def serious_faults(page: Page) -> list[str]:
    """Say what axe-core finds that is serious or worse, and where."""
    found = Axe().run(page).response["violations"]
    serious = [each for each in found if each["impact"] in {"serious", "critical"}]
    return [f"{each['id']}: {node['html'][:200]}" for each in serious for node in each["nodes"][:3]]


def printed_faults(page: Page) -> list[str]:
    """Say what does not fit on the page as it is printed; a window of 768 pixels is about as wide as A4."""
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    return misplaced_words(page)


def faults(opened, html: str) -> dict[str, list[str]]:
    """Look at a page at five widths, in light and dark, and as it is printed; say by view what is wrong there."""
    found = {}
    for width in WIDTHS:
        with opened(html, width) as page:
            found[f"{width}"] = misplaced_words(page)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found[f"{width}"].append("the page scrolls sideways")
            if width in {320, 1280}:
                for scheme in ("light", "dark"):
                    page.emulate_media(color_scheme=scheme)
                    found[f"{width} {scheme}"] = serious_faults(page) + faint_words(page)
            if width == 768:
                found["print"] = printed_faults(page)
    return {view: wrong for view, wrong in found.items() if wrong}
