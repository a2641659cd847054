"""The dashboard: one self-contained page that leads from the segments through the evidence to what to do.

`sections.py` says which sections there are; the charts declare themselves which section they belong to. A section
that shows figures, tables or both needs nothing else; one with markup of its own names a macro of `page.html.jinja`
as its `block`. Every word of it stands in `texts.yml`.
"""

import base64
import dataclasses
import hashlib
from collections.abc import Callable
from pathlib import Path

import jinja2
import pandas as pd

from mall_segments.charts.registry import Drawings
from mall_segments.charts.theme import theme_config, with_unit
from mall_segments.numbers import NumberFormat, formatted, number_format, percent, written
from mall_segments.page.glossary import TERMS, anchor, explained
from mall_segments.page.linked import linked_views, listed_customers, listed_moves
from mall_segments.page.parts import Specs
from mall_segments.page.sections import answers, classifier, facts, headlines, of, page_sections, summary
from mall_segments.page.texts import say, script_texts
from mall_segments.pictures import libraries
from mall_segments.wording import Wording

HERE = Path(__file__).parent
# One program, in the order of its parts.
SCRIPTS = (
    *(
        "charts.js",
        "texts.js",
        "numbers.js",
        "segments.js",
        "customers.js",
        "moved.js",
        "model.js",
        "reading.js",
        "moves.js",
        "form.js",
        "file.js",
    ),
    "start.js",
)
PAGE_COLORS = {"ink": "var(--ink)", "quiet": "var(--quiet)", "line": "var(--line)", "surface": "var(--surface)"}


def dashboard_html(
    frames: dict[str, pd.DataFrame],
    drawings: Drawings | None = None,
    draws: Callable[[], str] = libraries,
) -> str:
    """Write the page, its numbers in the format that the frames name.

    Parameters
    ----------
    frames : dict of str to DataFrame
        As :func:`mall_segments.frames.read_frames` reads them.
    drawings : Drawings, optional
        Of these frames: what is drawn already.
    draws : callable
        Returns the JavaScript that draws charts; it is asked for where there are any.

    Returns
    -------
    str
        HTML that loads nothing from anywhere. Without customers it says so and draws nothing.
    """
    with number_format(frames) as numbers:
        return _written_page(frames, drawings or Drawings(), numbers, draws)


def _written_page(
    frames: dict[str, pd.DataFrame], drawings: Drawings, numbers: NumberFormat, draws: Callable[[], str]
) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    environment.filters["written"] = written
    environment.filters["with_unit"] = with_unit
    environment.filters["explained"] = explained
    environment.filters["thousands"] = formatted
    environment.globals["say"] = say
    specs = Specs(drawings)
    sections = page_sections(frames, specs)
    totals = frames["totals"].iloc[0]
    first = next(iter(frames["segmentations"]["segmentation"]), "")
    vega = draws() if specs.views else ""
    script = "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    script = f'(() => {{\n"use strict";\n{script}}})();'
    config = theme_config(**PAGE_COLORS) | {"background": "transparent", "locale": numbers.vega_locale()}
    shown = {
        "specs": {"datasets": specs.datasets, "views": specs.views, "config": config},
        "model": classifier(frames),
        "linked": {"views": linked_views(frames["segments"], frames["segmentations"]["segmentation"].tolist())},
        "texts": script_texts(),
    }
    wording = Wording(frames)
    page = environment.get_template("page.html.jinja").render(
        summary=summary(frames),
        facts=facts(frames),
        warnings=frames["doubts"]["doubt"].tolist(),
        answers=answers(frames),
        glossary=[{"term": term, "meaning": meaning, "anchor": anchor(term)} for term, meaning in TERMS.items()],
        headlines=headlines(frames),
        sections=sections,
        totals=totals,
        numbers=dataclasses.asdict(numbers),
        customers=listed_customers(
            frames["customers"],
            frames["form_fields"].assign(label=frames["form_fields"]["label"].map(wording.text)),
            [view["segmentation"] for view in shown["linked"]["views"]],
            int(totals["customers"]),
        ),
        moved=listed_moves(
            of(frames["recent_moves"], first), int(of(frames["segment_migrations"], first)["customers"].sum())
        ),
        **(shown if wording.is_ours else wording.said(shown)),
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        script=script,
        vega=vega,
        script_hashes=[script_hash(text) for text in (script, vega)],
    )
    return page if wording.is_ours else wording.page(page)


def script_hash(script: str) -> str:
    """Name a script to the browser as one that may run, in the words of a Content-Security-Policy.

    >>> script_hash("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
