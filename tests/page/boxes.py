"""Measuring every text box of a page: what is cut off, what leaves its box, what lies on something else."""

from playwright.sync_api import Page

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


def misplaced_words(page: Page) -> list[str]:
    """Say of every text that does not fit where it stands what is wrong with it."""
    return page.evaluate(MEASURE)
