"""Take the pictures of published pages that README and examples show, in Chromium.

make example NAME=bank
python -m examples.pictures bank     # the top of that page, as examples/bank/page.png
python -m examples.pictures readme   # builds the mall data elsewhere, for the two in docs/images
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page, sync_playwright

from mall_segments.publish import publish

FOLDER = Path(__file__).parent
PROJECT = FOLDER.parent
IMAGES = PROJECT / "docs" / "images"
SIZE = {"width": 1280, "height": 1500}
SCALE = 0.6  # keeps a picture under 150 kB
README_SCALE = 0.75  # and one of the README, which is shown larger, under 250 kB


@contextmanager
def opened(folder: Path, scale: float):
    """Open the page of an `exports` folder, drawn, in a window of our own size."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, device_scale_factor=scale)
        page.goto((folder / "dashboard.html").resolve().as_uri())
        page.wait_for_selector("html[data-drawn]", state="attached")
        yield page
        browser.close()


def take_pictures(names: list[str]) -> None:
    """Write `page.png` into the folder of each example, from its `exports/dashboard.html`."""
    for name in names:
        with opened(FOLDER / name / "exports", SCALE) as page:
            page.screenshot(path=FOLDER / name / "page.png")


def a_month_ago() -> pd.DataFrame:
    """Make up what the mall's customers may have looked like: 14 had not joined, 6 had not left, 12 spent otherwise."""
    customers = pd.read_csv(PROJECT / "seeds" / "mall_customers.csv")
    score = "Spending Score (1-100)"
    had_not_left = customers.sample(6, random_state=3).assign(CustomerID=range(201, 207))
    stayed = customers.drop(customers.sample(14, random_state=2).index)
    changed = stayed.sample(12, random_state=4).index
    stayed.loc[changed, score] = 101 - stayed.loc[changed, score]
    return pd.concat([stayed, had_not_left])


def published(folder: Path, *arguments: str) -> Path:
    """Build and publish the mall data in a folder, where a build may have been before; return its `exports`."""
    dbt = Path(sys.executable).with_name("dbt")
    places = {"MALL_SEGMENTS_DB": folder / "mall.duckdb", "DBT_PROFILES_DIR": PROJECT}
    places |= {"DBT_TARGET_PATH": folder / "target", "DBT_LOG_PATH": folder / "logs"}
    environment = os.environ | {name: str(place) for name, place in places.items()}
    subprocess.run([dbt, "--quiet", "build", *arguments], cwd=PROJECT, env=environment, check=True)
    publish(folder / "mall.duckdb", folder / "exports")
    return folder / "exports"


def choose(page: Page, segment: str) -> None:
    """Choose a segment, by which it is marked on the whole page."""
    page.select_option("#chooser", label=segment)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)


def picture_changes(page: Page) -> None:
    """Write the section of what changed and the first of campaigns, what stands between and over them left out."""
    page.evaluate("document.querySelectorAll('nav, #actions').forEach((part) => { part.style.display = 'none'; })")
    figure = page.locator("#campaigns .figure").first
    figure.scroll_into_view_if_needed()
    figure.locator("svg").wait_for()
    changes = page.locator("#changes")
    changes.evaluate("part => scrollTo(0, part.offsetTop)")
    page.wait_for_timeout(500)
    top, end = changes.bounding_box()["y"], figure.bounding_box()
    clip = {"x": 0, "y": top, "width": SIZE["width"], "height": end["y"] + end["height"] + 8 - top}
    page.screenshot(path=IMAGES / "changes.png", clip=clip)


def take_pictures_of_readme() -> None:
    """Write the two pictures of the README: the page with a segment chosen, and what has changed since a month ago."""
    with tempfile.TemporaryDirectory() as scratch:
        with opened(published(Path(scratch)), README_SCALE) as page:
            choose(page, "VIP")
            page.screenshot(path=IMAGES / "dashboard.png")
        former = Path(scratch, "a_month_ago.csv")
        a_month_ago().to_csv(former, index=False)
        published(Path(scratch), "--vars", f"customers_file: {former}")
        with opened(published(Path(scratch)), README_SCALE) as page:
            picture_changes(page)


if __name__ == "__main__":
    if sys.argv[1:] == ["readme"]:
        take_pictures_of_readme()
    else:
        take_pictures(sys.argv[1:])
