"""What a page is made of: sections that hold figures and tables."""

from dataclasses import dataclass, field
from typing import Any

from mall_segments.charts.registry import Drawings

FIT_WIDTH = {"type": "fit-x", "contains": "padding"}


@dataclass
class Figure:
    """A chart in the page, or several that share a heading."""

    key: str
    title: str
    caption: str
    panels: list[dict[str, str]]
    is_wide: bool = False
    segmentation: str = ""  # whose segments it shows


@dataclass
class Table:
    """A table of plain values; one of many columns or of whole sentences takes the page's width."""

    caption: str
    columns: list[str]
    rows: list[list[Any]]
    is_wide: bool = False
    segments: list[str] = field(default_factory=list)  # the anchor of the segment that each row is of, if any


@dataclass
class Section:
    """A part of the page with an entry in its navigation."""

    key: str
    nav: str
    title: str
    lead: str
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    block: str | None = None
    content: dict[str, Any] = field(default_factory=dict)
    is_evidence: bool = False  # folded until somebody asks for it
    told: set[str] = field(default_factory=set)  # terms of the glossary that it has led to


def in_one_line(text: str | list[str]) -> str:
    """Join what a picture shows in lines and a page wraps by itself."""
    return text if isinstance(text, str) else " ".join(text)


def with_highlight(view: dict[str, Any]) -> dict[str, Any]:
    """Let the page fade every mark of a chart that is of another segment than the one that its reader has chosen.

    The chart keeps a parameter `highlight` that it has, and every opacity that depends on something.
    """
    if not _shows_segments(view):
        return view
    own = view.get("params", [])
    if not any(each["name"] == "highlight" for each in own):
        own = [*own, {"name": "highlight", "value": None}]
    return _faded(view) | {"params": own}


def _is_of_segments(view: dict[str, Any]) -> bool:
    channels = view.get("encoding", {}).values()
    return "mark" in view and any(isinstance(each, dict) and each.get("field") == "segment" for each in channels)


def _shows_segments(view: dict[str, Any]) -> bool:
    return _is_of_segments(view) or any(map(_shows_segments, view.get("layer", [])))


def _faded(view: dict[str, Any]) -> dict[str, Any]:
    """Copy a chart, which its picture is drawn from as well, with the marks of other segments faded."""
    shown = dict(view)
    if "layer" in view:
        shown["layer"] = list(map(_faded, view["layer"]))
    if _is_of_segments(view):
        left = 0.4 if view["mark"]["type"] == "text" else 0.12  # names can still be read
        is_other = "highlight !== null && datum.segment !== highlight"
        shown["encoding"] = {"opacity": {"condition": {"test": is_other, "value": left}}} | view["encoding"]
    return shown


class Specs:
    """Vega-Lite specifications of the page; each data set is embedded once."""

    def __init__(self, drawings: Drawings):
        self.drawings = drawings
        self.datasets: dict[str, list] = {}
        self.views: dict[str, dict] = {}

    def figure(self, key: str, spec: dict[str, Any], is_wide: bool = False, segmentation: str = "") -> Figure:
        """Take a chart in and say where its views go. Headings become text of the page, where they can wrap."""
        spec = dict(spec)
        self.datasets |= spec.pop("datasets", {})
        heading = spec.pop("title")
        caption = in_one_line(heading.get("subtitle", ""))
        panels = []
        for position, view in enumerate(map(dict, spec.get("concat", [spec]))):
            own_heading = view.pop("title", {})
            view_key = f"{key}-{position}"
            panels.append(
                {
                    "key": view_key,
                    "title": own_heading.get("text", ""),
                    "caption": in_one_line(own_heading.get("subtitle", "")),
                    "description": view.pop("description", caption),
                }
            )
            for setting in ("$schema", "config"):
                view.pop(setting, None)
            self.views[view_key] = with_highlight(view) | {"width": "container", "autosize": FIT_WIDTH}
        return Figure(key, heading["text"], caption, panels, is_wide, segmentation)
