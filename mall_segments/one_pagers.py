"""The page on paper: `one_pagers.pdf`, which Chromium prints from the page's own print style."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from mall_segments.problems import ProblemError

PROGRAM = "MALL_SEGMENTS_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PATIENCE_SECONDS = 180
# The page's clock may go this far before it is printed; it goes only while nothing is left to draw.
DRAWING_MILLISECONDS = 20_000

_PAGE = re.compile(rb"/Type\s*/Page\b")
_DATE = re.compile(rb"(/(?:Creation|Mod)Date \(D:)\d{14}")


def find_chromium() -> str:
    """Find the program that prints: what `MALL_SEGMENTS_CHROMIUM` names, else Chromium, Chrome or Edge on the path.

    Raises
    ------
    ProblemError
        If there is none.
    """
    named = os.environ.get(PROGRAM)
    found = next(filter(None, map(shutil.which, (named,) if named else NAMES)), None)
    if not found:
        raise ProblemError(
            (
                f"{PROGRAM} names {named}, which cannot be run"
                if named
                else "No Chromium or Chrome was found to print the PDF"
            )
            + f"; install one, name its program in {PROGRAM}, or publish without --pdf and print "
            "dashboard.html from a browser."
        )
    return found


def print_one_pagers(chromium: str, page: Path, file: Path, day: str | None, sheets: int) -> None:
    """Print the page to a PDF: a summary, then a sheet for each segment of the first segmentation.

    Parameters
    ----------
    chromium : str
        The program, as of :func:`find_chromium`.
    page : Path
        The page, `dashboard.html`.
    file : Path
        The PDF to be made.
    day : str, optional
        The as-of day, written as 2026-11-25: what the PDF gives as its date, so that equal pages make equal files.
    sheets : int
        How many segments have a sheet; a PDF of fewer pages is refused.

    Raises
    ------
    ProblemError
        If Chromium prints nothing, or not the page.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            chromium,
            "--headless",
            f"--user-data-dir={profile}",
            "--no-first-run",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--no-pdf-header-footer",
            f"--virtual-time-budget={DRAWING_MILLISECONDS}",
            f"--print-to-pdf={file.resolve()}",
            page.resolve().as_uri(),
        ]
        # Chromium does not start with its sandbox as root, which is who programs in containers are.
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        try:
            printed = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=PATIENCE_SECONDS, check=False
            )
            said = printed.stderr.strip().splitlines()[-1:] or [f"it ended with {printed.returncode}"]
        except subprocess.TimeoutExpired:
            said = [f"it took longer than {PATIENCE_SECONDS} seconds"]
        except OSError as error:
            said = [str(error)]
    pdf = file.read_bytes() if file.exists() else b""
    if len(_PAGE.findall(pdf)) < max(sheets, 1):
        raise ProblemError(
            f"{chromium} did not print the page ({said[0]}); name another Chromium or Chrome in {PROGRAM}, or publish "
            "without --pdf and print dashboard.html from a browser."
        )
    digits = (day or "1970-01-01").replace("-", "") + "000000"
    file.write_bytes(_DATE.sub(rb"\g<1>" + digits.encode(), pdf))
