"""Take a picture of the top of each example's published page, in Chromium.

make example NAME=bank
python -m examples.pictures bank
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent
SIZE = {"width": 1280, "height": 1500}
SCALE = 0.6  # keeps a picture under 150 kB


def take_pictures(names: list[str]) -> None:
    """Write `page.png` into the folder of each example, from its `exports/dashboard.html`."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, device_scale_factor=SCALE)
        for name in names:
            page.goto((FOLDER / name / "exports" / "dashboard.html").resolve().as_uri())
            page.wait_for_selector("html[data-drawn]", state="attached")
            page.screenshot(path=FOLDER / name / "page.png")
        browser.close()


if __name__ == "__main__":
    take_pictures(sys.argv[1:])
