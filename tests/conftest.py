"""Warehouses that tests share, a real browser, and pages opened in it."""

import re
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from project import Warehouse

from mall_segments.publish import publish

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]


@pytest.fixture
def new_warehouse(tmp_path: Path) -> Warehouse:
    """An empty warehouse for one test."""
    return Warehouse(tmp_path)


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The mall data built once for all tests that only read."""
    built = Warehouse(tmp_path_factory.mktemp("warehouse"))
    built.dbt("build")
    return built


@pytest.fixture(scope="session")
def exports(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the build of the mall data publishes, written once for all tests that only read."""
    folder = tmp_path_factory.mktemp("exports")
    publish(warehouse.path, folder)
    return folder


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright  # most tests need none

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


def is_own(url: str, path: Path) -> bool:
    """Whether an address is that of the page, whatever follows it."""
    return re.split("[?#]", url)[0] == path.as_uri()


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    """Open a page, evidence and all, and at the end hold it to silence: no console message, no error, no request."""

    @contextmanager
    def opened(html: str, width: int = 1280, scheme: str = "light", is_folded: bool = False):
        path = tmp_path_factory.mktemp("page") / "dashboard.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        noise: list[str] = []
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("dialog", lambda dialog: (noise.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: noise.append(request.url) if not is_own(request.url, path) else None)
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-drawn]", state="attached")
        if not is_folded:
            page.evaluate("document.querySelectorAll('.evidence').forEach((part) => { part.open = true; })")
            page.wait_for_function("() => !document.querySelector('[data-view]:not([aria-hidden])')")
        yield page
        context.close()
        assert noise == []

    return opened
