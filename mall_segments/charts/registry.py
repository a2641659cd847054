"""Which charts there are: each is declared where it is drawn, and nowhere else.

A chart is a function decorated with :func:`chart`. Its parameters name the frames that it reads, and its places say
where the page shows it; the published pictures, the page and the documentation all read this registry:

>>> from mall_segments.charts.registry import Place, chart
>>> @chart(Place("fit", 3))  # doctest: +SKIP
... def segment_values(segments):
...     return alt.Chart(segments).mark_bar().encode(x="value_index:Q", y="segment:N")
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from mall_segments.frames import TABLES
from mall_segments.numbers import NumberFormat, number_format

ANOTHER_VIEW = "another_view"  # stands for the section of each segmentation but the first


@dataclass(frozen=True)
class Place:
    """Where the page shows a chart: the key of a section, the position in it, and whether it takes the full width."""

    section: str
    position: int
    is_wide: bool = False


@dataclass(frozen=True)
class Chart:
    """A declared chart.

    Attributes
    ----------
    name : str
        That of the function, and of the published picture.
    draw : callable
        Takes the frames that `reads` names, and what a variant adds, as keyword arguments.
    reads : tuple of str
        Frames, as `mall_segments.frames.TABLES` names them. Those with a `segmentation` hold the rows of one.
    places : tuple of Place
        Where the page shows it; a chart without a place is a published picture only.
    is_global : bool
        Drawn once, for the first segmentation, and not once per segmentation.
    when : callable or None
        Says of the frames that its own parameters name whether the chart can be drawn. By default, and besides, the
        first frame that the chart reads needs rows.
    variants : callable or None
        Makes several charts of one declaration: takes frames as `when` does and returns the name of each chart and
        what to pass besides the frames.
    """

    name: str
    draw: Callable[..., alt.TopLevelMixin]
    reads: tuple[str, ...]
    places: tuple[Place, ...]
    is_global: bool
    when: Callable[..., bool] | None
    variants: Callable[..., dict[str, dict[str, Any]]] | None

    def drawn(self, frames: dict[str, pd.DataFrame]) -> Iterator[tuple[str, alt.TopLevelMixin]]:
        """Draw it, with all its variants, from the frames of one segmentation; nothing where it has no data."""
        if frames[self.reads[0]].empty or (self.when and not self.when(**_asked(self.when, frames))):
            return
        variants = self.variants(**_asked(self.variants, frames)) if self.variants else {self.name: {}}
        read = {name: frames[name] for name in self.reads}
        for name, arguments in variants.items():
            with number_format(frames) as numbers:
                chart = self.draw(**read, **arguments)
            yield name, chart if numbers == NumberFormat() else chart.configure(locale=numbers.vega_locale())


CHARTS: dict[str, Chart] = {}


def chart(
    *places: Place,
    is_global: bool = False,
    when: Callable[..., bool] | None = None,
    variants: Callable[..., dict[str, dict[str, Any]]] | None = None,
) -> Callable[[Callable], Callable]:
    """Declare the decorated function as a chart; see :class:`Chart`.

    Raises
    ------
    ValueError
        If a parameter is no frame, or the name is taken.
    """

    def declared(draw: Callable[..., alt.TopLevelMixin]) -> Callable[..., alt.TopLevelMixin]:
        name = draw.__name__
        if name in CHARTS:
            raise ValueError(f"There are two charts of the name `{name}`; rename one.")
        parameters = tuple(inspect.signature(draw).parameters)
        reads = tuple(each for each in parameters if each in TABLES)
        extra = [each for each in parameters if each not in TABLES]
        # What is no frame can only come from a variant.
        unknown = [*([] if variants else extra), *_unknown(when), *_unknown(variants)]
        if unknown or not reads:
            raise ValueError(
                f"The chart `{name}` reads {', '.join(unknown) or 'nothing'}; "
                f"the frames there are: {', '.join(TABLES)}."
            )
        CHARTS[name] = Chart(name, draw, reads, places, is_global, when, variants)
        return draw

    return declared


def of_segmentation(frames: dict[str, pd.DataFrame], segmentation: str) -> dict[str, pd.DataFrame]:
    """Keep the rows of one segmentation in every frame that tells segmentations apart."""
    return {
        name: frame[frame["segmentation"] == segmentation].reset_index(drop=True) if "segmentation" in frame else frame
        for name, frame in frames.items()
    }


class Drawings:
    """Charts that are drawn already, so that the pictures and the page do not draw the same one twice."""

    def __init__(self):
        self._charts: dict[tuple[str, str], dict[str, alt.TopLevelMixin]] = {}
        self._specs: dict[tuple[str, str], dict[str, dict]] = {}

    def charts(self, declared: Chart, own: dict[str, pd.DataFrame]) -> dict[str, alt.TopLevelMixin]:
        """Draw a declared chart, with all its variants, from the frames of one segmentation."""
        key = (declared.name, own["segmentations"]["segmentation"].iloc[0])
        if key not in self._charts:
            self._charts[key] = dict(declared.drawn(own))
        return self._charts[key]

    def specs(self, declared: Chart, own: dict[str, pd.DataFrame]) -> dict[str, dict]:
        """Write them as Vega-Lite. Tests hold every chart to the schema; here it would only take time."""
        key = (declared.name, own["segmentations"]["segmentation"].iloc[0])
        if key not in self._specs:
            charts = self.charts(declared, own)
            self._specs[key] = {name: chart.to_dict(validate=False) for name, chart in charts.items()}
        return self._specs[key]


def segmentation_charts(frames: dict[str, pd.DataFrame], segmentation: str) -> dict[str, alt.TopLevelMixin]:
    """Draw the charts of one segmentation; those without data are left out.

    Parameters
    ----------
    frames : dict of str to DataFrame
        As :func:`mall_segments.frames.read_frames` reads them.
    segmentation : str

    Returns
    -------
    dict of str to chart
    """
    own = of_segmentation(frames, segmentation)
    return {name: drawn for each in CHARTS.values() if not each.is_global for name, drawn in each.drawn(own)}


def published_charts(frames: dict[str, pd.DataFrame]) -> dict[str, alt.TopLevelMixin]:
    """Draw every chart that the frames have data for.

    Parameters
    ----------
    frames : dict of str to DataFrame
        As :func:`mall_segments.frames.read_frames` reads them.

    Returns
    -------
    dict of str to chart
        File stem: chart. The charts of a segmentation start with its name.
    """
    return {f"{prefix}{name}": drawn for prefix, each, own in to_publish(frames) for name, drawn in each.drawn(own)}


def to_publish(frames: dict[str, pd.DataFrame]) -> Iterator[tuple[str, Chart, dict[str, pd.DataFrame]]]:
    """What is drawn for publishing: the prefix of the names, the declared chart, and the frames to draw it from."""
    for position, segmentation in enumerate(frames["segmentations"]["segmentation"]):
        own = of_segmentation(frames, segmentation)
        if position == 0:
            yield from (("", each, own) for each in CHARTS.values() if each.is_global)
        yield from ((f"{segmentation}_", each, own) for each in CHARTS.values() if not each.is_global)


def placed_charts(section: str) -> list[tuple[Place, Chart]]:
    """The charts of a section of the page, in their order."""
    placed = [(place, each) for each in CHARTS.values() for place in each.places if place.section == section]
    return sorted(placed, key=lambda pair: pair[0].position)


def check_places(sections: set[str]) -> None:
    """Refuse a chart whose place is none of the sections that the page has.

    Raises
    ------
    ValueError
        Names the chart, the section it asks for and those there are.
    """
    for each in CHARTS.values():
        for place in each.places:
            if place.section not in sections:
                raise ValueError(
                    f"The chart `{each.name}` has a place in the section `{place.section}`; the sections there are: "
                    f"{', '.join(sorted(sections))}."
                )


def _asked(function: Callable, frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: frames[name] for name in inspect.signature(function).parameters}


def _unknown(function: Callable | None) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in TABLES] if function else []
