"""Charts of customers between two segments: who could move up, and who is near a border."""

import textwrap

import altair as alt
import pandas as pd

from mall_segments.charts.registry import ANOTHER_VIEW, Place, chart
from mall_segments.charts.theme import (
    LETTER,
    NAME_LIMIT,
    NAME_LINE,
    ROOM,
    capitalized,
    middle_of,
    segment_color,
    titled,
)
from mall_segments.numbers import formatted, measured, percent, written

MOST_PATHS = 10  # pairs of segments drawn, those of most customers
NAME = 18  # characters of a line of a name
LINE = 14  # characters of a line beside a bar


@chart(Place("upgrades", 1, is_wide=True), Place(ANOTHER_VIEW, 13))
def segment_upgrades(
    segment_upgrades: pd.DataFrame, feature_figures: pd.DataFrame, segments: pd.DataFrame
) -> alt.LayerChart:
    """Customers whom the change of one feature would take into a better segment, and how large it has to be.

    Parameters
    ----------
    segment_upgrades : DataFrame, one row per pair of segments, feature and direction
        Holds `segment`, `to_segment`, `feature`, `customers`, `mean_change` and `is_estimate`, those of most customers
        first.
    feature_figures : DataFrame, one row per feature
        Holds `feature`, `label` and `unit`.
    segments : DataFrame, one row per segment
        Holds `segment`, `value_rank` and `color`.
    """
    drawn = ways_up(segment_upgrades, feature_figures).head(MOST_PATHS)
    label, change = (drawn[column].map(lambda text: textwrap.fill(text, LINE)) for column in ("label", "change"))
    lines = label + "\n" + change
    return titled(
        _paths(drawn, "to_segment", "customers", lines, segments),
        "Customers who could move up",
        "From which segment to which, with the change they need on average."
        + (" Estimated from some of the customers." if drawn["is_estimate"].any() else ""),
        "Bar chart of customers who could move up: "
        + "; ".join(f"from {row.segment}, {row.said}" for row in drawn.itertuples())
        + ".",
    )


def ways_up(segment_upgrades: pd.DataFrame, feature_figures: pd.DataFrame) -> pd.DataFrame:
    """Say how many could move up to which segment and by what, those of most customers first.

    Returns
    -------
    DataFrame, rows and columns of `segment_upgrades`
        Estimates with two digits. With the `label` of the feature, the mean `change` in its unit, and `said`, all of it
        in words.
    """
    rounded = segment_upgrades["customers"].map("{:.2g}".format).astype(float).astype(int)
    counts = segment_upgrades["customers"].mask(segment_upgrades["is_estimate"].astype(bool), rounded)
    ways = segment_upgrades.assign(customers=counts).merge(feature_figures[["feature", "label", "unit"]], on="feature")
    ways = ways.sort_values("customers", ascending=False, kind="stable", ignore_index=True)
    changes = [
        f"{'+' if row.mean_change > 0 else '−'}{measured(written(abs(row.mean_change), 2), row.unit)}"  # noqa: RUF001
        for row in ways.itertuples()
    ]
    ways = ways.assign(change=changes)
    said = [
        f"{'about ' if row.is_estimate else ''}{formatted(row.customers)} to {row.to_segment}: "
        f"{row.label} {row.change} on average"
        for row in ways.itertuples()
    ]
    return ways.assign(said=said)


def _some_are_near(segment_borders: pd.DataFrame) -> bool:
    return bool(segment_borders["boundary_customers"].any())


@chart(Place("fit", 3, is_wide=True), Place(ANOTHER_VIEW, 14), when=_some_are_near)
def segment_borders(segment_borders: pd.DataFrame, segments: pd.DataFrame) -> alt.LayerChart:
    """Customers so near the border to another segment that chance could have put them into either.

    Parameters
    ----------
    segment_borders : DataFrame, one row per segment and runner-up
        Holds `segment_id`, `segment`, `runner_up_segment` and `boundary_customers`.
    segments : DataFrame, one row per segment
        Holds `segment_id`, `segment`, `value_rank`, `color` and `customers`.
    """
    near = segment_borders[segment_borders["boundary_customers"] > 0]
    near = near.sort_values("boundary_customers", ascending=False, kind="stable", ignore_index=True)
    drawn = near.head(MOST_PATHS).merge(segments[["segment_id", "customers"]], on="segment_id", suffixes=("_pair", ""))
    shares = (drawn["boundary_customers"] / drawn["customers"]).map(percent)
    total, everyone = near["boundary_customers"].sum(), segments["customers"].sum()
    said = "; ".join(
        f"{formatted(row.boundary_customers)} of {row.segment}, next to {row.runner_up_segment}"
        for row in drawn.itertuples()
    )
    return titled(
        _paths(drawn, "runner_up_segment", "boundary_customers", shares, segments),
        "Customers near a border",
        f"{formatted(total)} of {formatted(everyone)}, and what share of their segment that is. "
        "The actions of either segment may fit them.",
        f"Bar chart of customers near a border: {said}.",
    )


def _lines(name: str) -> str:
    """Write a segment's name in lines short enough for a phone, a part of the name never beside another."""
    return ",\n".join(textwrap.fill(part, NAME, break_on_hyphens=False) for part in name.split(", "))


def _paths(drawn: pd.DataFrame, other: str, count: str, said: pd.Series, segments: pd.DataFrame) -> alt.LayerChart:
    """Draw a bar per pair of segments in the color of the first, with the number and what there is to say of it."""
    # A pair that comes again, by another feature, has a row of its own: an empty line of its name tells it apart.
    again = drawn.groupby(["segment", other]).cumcount().map(lambda times: "\n" * times)
    rows = pd.DataFrame(
        {
            "path": drawn["segment"].map(_lines) + "\n→ " + drawn[other].map(_lines) + again,
            "segment": drawn["segment"],
            "other": drawn[other],
            "customers": drawn[count],
            "said": said.str.replace("\n", " ").map(capitalized),
            "text": drawn[count].map(formatted) + "\n" + said,
        }
    )
    # A bar leaves as much room as the words beside it take, on a phone too.
    words, names = (LETTER * rows[column].str.split("\n").explode().str.len().max() + 8 for column in ("text", "path"))
    for_bars = f"max(0.2, 1 - {words:.0f} / max(1, {ROOM} - {names:.0f}))"
    lines = max(rows["path"].str.count("\n").max(), rows["text"].str.count("\n").max()) + 1
    base = alt.Chart(rows).encode(
        alt.Y("path:N").title("From and to").sort(rows["path"].tolist()).axis(None),
        tooltip=[
            alt.Tooltip("segment:N").title("From"),
            alt.Tooltip("other:N").title("To"),
            alt.Tooltip("customers:Q").title("Customers").format(","),
            alt.Tooltip("said:N").title("How"),
        ],
    )
    counted = (
        alt.X("customers:Q")
        .title("Customers")
        .axis(tickMinStep=1, format=",d", tickCount=min(4, int(rows["customers"].max())))
        .scale(domainMax=alt.expr(f"{rows['customers'].max()} / {for_bars}"), nice=False)
    )
    bars = base.mark_bar(cornerRadiusEnd=3, height=28).encode(counted, segment_color(segments))
    texts = base.mark_text(style="label", align="left", baseline="middle", dx=6, **middle_of("text", "\n")).encode(
        counted, alt.Text("text:N")
    )
    names = base.mark_text(
        style="label", fontSize=11, align="right", baseline="middle", limit=NAME_LIMIT, **middle_of("path", "\n", 13)
    ).encode(x=alt.value(-8), text="path:N")
    return alt.layer(bars, texts, names, height=(NAME_LINE * lines + 14) * len(rows))
