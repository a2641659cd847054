"""Charts of what sets the segments apart."""

import textwrap

import altair as alt
import pandas as pd

from mall_segments.charts.registry import ANOTHER_VIEW, Place, chart
from mall_segments.charts.theme import (
    ABOVE_AVERAGE,
    BELOW_AVERAGE,
    CATEGORY_COLORS,
    NAME_ROOM,
    ROOM,
    capitalized,
    drawn_features,
    feature_title,
    in_unit,
    is_share,
    name_lines,
    panels_of,
    row_names,
    rows_height,
    segment_color,
    segment_rows,
    side_by_side,
    titled,
)
from mall_segments.numbers import formatted, measured, percent, written

MOST_COLUMNS = 6  # features that fit side by side, on a phone as well
PERCENT = 32  # pixels that a share in percent takes
HEADING_LINE = 13  # pixels from one line of a heading to the next
HEADING_LETTER = 6.5  # pixels that a letter of a heading takes
MOST_BESIDE = 200  # pixels that names take beside the columns


def _some_feature_varies(profile_cells: pd.DataFrame) -> bool:
    return bool(profile_cells["z_score"].notna().any())


@chart(
    Place("profiles", 1, is_wide=True),
    Place(ANOTHER_VIEW, 3, is_wide=True),
    when=_some_feature_varies,
)
def profile_heatmap(profile_cells: pd.DataFrame) -> alt.LayerChart:
    """Each segment's mean of each feature against all customers, in standard deviations.

    Parameters
    ----------
    profile_cells : DataFrame, one row per segment and feature
        Holds `segment`, `value_rank`, `label`, `unit`, `feature_order`, `mean` and `z_score`.
    """
    known = profile_cells.dropna(subset=["z_score"])
    # Many features are read from top to bottom, with the segments side by side.
    is_tall = known["feature_order"].nunique() > max(MOST_COLUMNS, known["segment"].nunique())
    column, order = ("segment", "value_rank") if is_tall else ("label", "feature_order")
    lines = {text: text.split(", ") if is_tall else textwrap.wrap(text, 13) for text in known[column]}
    rows = known.assign(
        heading=["\n".join(lines[text]) for text in known[column]],
        score=[z_text(z) for z in known["z_score"]],
        figure=[_figure(row.mean, row.label, row.unit) for row in known.itertuples()],
        strength=known["z_score"].abs().clip(upper=2),
    )[["segment", "value_rank", "heading", "label", "feature_order", "figure", "score", "z_score", "strength"]]
    headings = rows.sort_values(order)["heading"].drop_duplicates().tolist()
    labels = rows.sort_values("feature_order")["label"].drop_duplicates().tolist()
    # Where columns get narrow, as on a phone, headings stand upright and the means stay in the tooltip; where not even
    # a score fits, the scores do too and a heading takes one line. That is judged by the room for the whole chart, at
    # every change of its width: the width itself is what headings that lie leave.
    beside = known["label"] if is_tall else known["segment"].map(name_lines).explode()
    room = f"{ROOM} - {min(beside.str.len().max() * HEADING_LETTER + 16, MOST_BESIDE):g}"
    widest = max(len(line) for each in lines.values() for line in each)
    upright = max(30, HEADING_LINE * max(map(len, lines.values())))
    is_narrow, is_tiny = (
        f"{room} < {pixels * len(headings)}" for pixels in (max(72, HEADING_LETTER * widest), upright)
    )
    x = alt.X("heading:N").sort(headings).axis(None)
    y = alt.Y("label:N").title(None).sort(labels).axis(labelLimit=180) if is_tall else segment_rows(rows)
    base = alt.Chart(rows).encode(
        x,
        y,
        tooltip=[
            alt.Tooltip("segment:N").title("Segment"),
            alt.Tooltip("label:N").title("Feature"),
            alt.Tooltip("figure:N").title("Mean"),
            alt.Tooltip("z_score:Q").title("Standard deviations from everyone's mean").format("+.2f"),
        ],
    )
    cells = base.mark_rect(style="outlined").encode(
        color=alt.when("datum.z_score < 0").then(alt.value(BELOW_AVERAGE)).otherwise(alt.value(ABOVE_AVERAGE)),
        fillOpacity=alt.FillOpacity("strength:Q").scale(domain=[0, 2], range=[0.03, 0.62]).legend(None),
    )
    scores = base.mark_text(style="label", fontWeight=600, dy=alt.expr(f"{is_narrow} ? 0 : -8")).encode(
        alt.Text("score:N"), opacity=alt.when(is_tiny).then(alt.value(0)).otherwise(alt.value(1))
    )
    figures = base.mark_text(style="label", fontSize=11, dy=9).encode(
        alt.Text("figure:N"), opacity=alt.when(is_narrow).then(alt.value(0)).otherwise(alt.value(1))
    )
    tops = (
        alt.Chart(rows[["heading"]].drop_duplicates())
        .mark_text(
            style="label",
            fontSize=11,
            lineBreak="\n",
            lineHeight=HEADING_LINE,
            angle=alt.expr(f"{is_narrow} ? 270 : 0"),
            align=alt.expr(f"{is_narrow} ? 'left' : 'center'"),
            baseline=alt.expr(f"{is_narrow} ? 'middle' : 'alphabetic'"),
            # Headings end just above their column, however many lines they have.
            dy=alt.expr(f"{is_tiny} ? 0 : (1 - length(split(datum.heading, '\\n'))) * ({is_narrow} ? 6.5 : 13)"),
            text=alt.expr(f"{is_tiny} ? join(split(datum.heading, '\\n'), ' ') : datum.heading"),
        )
        .encode(x, y=alt.value(-8))
    )
    strongest = rows.loc[rows.groupby("segment")["strength"].idxmax()].sort_values("value_rank")
    return titled(
        alt.layer(
            cells,
            scores,
            figures,
            tops,
            *([] if is_tall else [row_names(rows)]),
            height=36 * len(labels) if is_tall else rows_height(rows, 52),
        ),
        "Segment profiles",
        "Standard deviations from everyone's mean (brown above, green below), with the segment's mean underneath.",
        "Heatmap of segments by feature. Strongest difference: "
        + "; ".join(f"{row.segment}, {row.label} {formatted(row.z_score, '+.1f')}" for row in strongest.itertuples())
        + ".",
    )


def z_text(z: float) -> str:
    """Write how many standard deviations from the mean a figure is; there is no minus before 0."""
    return formatted(0, ".1f") if abs(z) < 0.05 else formatted(z, "+.1f")


def _figure(value: float, label: str, unit: str) -> str:
    """Write a figure as it is read: three digits and the unit, or a share in percent."""
    if is_share(label, unit):
        return percent(value)
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return measured(formatted(value, f",.{digits}f"), unit if len(unit) < 8 else "")


def _age(segment_histograms: pd.DataFrame) -> dict[str, dict[str, str]]:
    return {"age_by_segment": {"feature": "age"}} if "age" in set(segment_histograms["feature"]) else {}


@chart(Place("profiles", 3), Place(ANOTHER_VIEW, 5), variants=_age)
def feature_by_segment(
    segment_histograms: pd.DataFrame, segment_quantiles: pd.DataFrame, feature_figures: pd.DataFrame, feature: str
) -> alt.LayerChart:
    """Distribution of one feature within each segment: thicker where more of its customers are, median marked.

    Parameters
    ----------
    segment_histograms : DataFrame, one row per segment, feature and bin
        Holds `segment`, `value_rank`, `color`, `feature`, `bin_start`, `bin_end` and `customers`.
    segment_quantiles : DataFrame, one row per segment and feature
        Holds `segment`, `feature` and `p50`.
    feature_figures : DataFrame, one row per feature
    feature : str
    """
    rows = segment_histograms[segment_histograms["feature"] == feature]
    rows = rows.assign(share=rows["customers"] / rows.groupby("segment")["customers"].transform("sum"))
    medians = segment_quantiles.loc[segment_quantiles["feature"] == feature, ["segment", "p50"]]
    title = feature_title(feature_figures, feature)
    label = feature_figures.set_index("feature").loc[feature, "label"]
    bodies = (
        alt.Chart(rows[["segment", "bin_start", "bin_end", "customers", "share"]])
        .mark_bar(opacity=0.85)
        .encode(
            alt.X("bin_start:Q").title(title).scale(zero=False, nice=False),
            alt.X2("bin_end:Q"),
            segment_rows(rows),
            alt.Size("share:Q").scale(domain=[0, rows["share"].max()], range=[0, 46]).legend(None),
            color=segment_color(rows),
            tooltip=[
                alt.Tooltip("segment:N").title("Segment"),
                alt.Tooltip("bin_start:Q").title("From").format(",.4~r"),
                alt.Tooltip("bin_end:Q").title("To").format(",.4~r"),
                alt.Tooltip("customers:Q").title("Customers").format(","),
                alt.Tooltip("share:Q").title("Share of the segment").format(".0%"),
            ],
        )
    )
    middle = alt.Chart(medians).encode(alt.X("p50:Q"), segment_rows(rows))
    ticks = middle.mark_tick(style="median", size=30)
    texts = [
        middle.mark_text(style=style, align="left", dx=7, dy=-2, fontWeight=600).encode(
            alt.Text("p50:Q").format(",.3~r")
        )
        for style in ("halo", "label")
    ]
    return titled(
        alt.layer(bodies, ticks, *texts, row_names(rows), height=rows_height(rows, 58)),
        f"{capitalized(label)} by segment",
        "Thicker where more of the segment's customers are; the mark is the median.",
        f"Distribution of {label} within each segment. Medians: "
        + "; ".join(f"{row.segment} {written(row.p50)}" for row in medians.itertuples())
        + ".",
    )


def _each_category(segment_categories: pd.DataFrame) -> dict[str, dict[str, str]]:
    return {f"{name}_by_segment": {"category": name} for name in segment_categories["category"].unique()}


@chart(Place("profiles", 4), Place(ANOTHER_VIEW, 6), variants=_each_category)
def category_by_segment(segment_categories: pd.DataFrame, category: str) -> alt.LayerChart:
    """Mix of one category column, such as gender, within each segment.

    Parameters
    ----------
    segment_categories : DataFrame, one row per segment, category and value
        Holds `segment`, `value_rank`, `category`, `value` and `customers`.
    category : str
    """
    rows = segment_categories[segment_categories["category"] == category]
    last = ["other", "not stated"]
    values = sorted(rows["value"].unique(), key=lambda value: (value in last, value))
    rows = rows.assign(
        share=rows["customers"] / rows.groupby("segment")["customers"].transform("sum"),
        place=rows["value"].map(values.index),
    ).sort_values(["value_rank", "place"])
    ends = rows.groupby("segment", sort=False)["share"].cumsum()
    rows = rows.assign(
        percent=rows["share"].map(percent), start=ends - rows["share"], middle=ends - rows["share"] / 2, end=ends
    )
    base = alt.Chart(rows[["segment", "value", "customers", "share", "percent", "start", "middle", "end"]]).encode(
        segment_rows(rows),
        tooltip=[
            alt.Tooltip("segment:N").title("Segment"),
            alt.Tooltip("value:N").title(category.replace("_", " ").capitalize()),
            alt.Tooltip("customers:Q").title("Customers").format(","),
            alt.Tooltip("share:Q").title("Share of the segment").format(".0%"),
        ],
    )
    bars = base.mark_bar(style="outlined", height={"band": 0.7}).encode(
        alt.X("start:Q").title("Share of the segment").axis(format="%").scale(domain=[0, 1]),
        alt.X2("end:Q"),
        color=alt.Color("value:N")
        .title(None)
        .scale(domain=values, range=CATEGORY_COLORS[: len(values)])
        .legend(**side_by_side(values, NAME_ROOM)),
    )
    texts = (
        base.transform_filter("datum.share >= 0.08")
        .mark_text(color="#ffffff", fontWeight=600)
        .encode(
            alt.X("middle:Q"),
            alt.Text("percent:N"),
            opacity=alt.when(f"datum.share * width < {PERCENT}").then(alt.value(0)).otherwise(alt.value(1)),
        )
    )
    heading = category.replace("_", " ").capitalize()
    return titled(
        alt.layer(bars, texts, row_names(rows), height=rows_height(rows, 44)),
        f"{heading} mix by segment",
        "Shares of each segment's customers.",
        f"Stacked bars of {heading.lower()} by segment: "
        + "; ".join(f"{row.segment}, {row.value} {row.percent}" for row in rows.itertuples())
        + ".",
    )


@chart(Place("profiles", 2, is_wide=True), Place(ANOTHER_VIEW, 4, is_wide=True))
def segments_by_feature(segment_quantiles: pd.DataFrame, feature_figures: pd.DataFrame) -> alt.ConcatChart:
    """Show small multiples: one panel per feature, in it the spread of each segment.

    Parameters
    ----------
    segment_quantiles : DataFrame, one row per segment and feature
        Holds `segment`, `value_rank`, `color`, `feature` and the quantiles `p05`, `p25`, `p50`, `p75`, `p95`.
    feature_figures : DataFrame, one row per feature
    """
    panels = []
    for feature in drawn_features(feature_figures):
        rows = segment_quantiles[segment_quantiles["feature"] == feature]
        if rows.empty:
            continue
        title = feature_title(feature_figures, feature)
        base = alt.Chart(rows[["segment", "p05", "p25", "p50", "p75", "p95"]]).encode(
            segment_rows(rows),
            tooltip=[
                alt.Tooltip("segment:N").title("Segment"),
                alt.Tooltip("p05:Q").title("5 % lie below").format(",.3~r"),
                alt.Tooltip("p25:Q").title("A quarter lies below").format(",.3~r"),
                alt.Tooltip("p50:Q").title("Median").format(",.3~r"),
                alt.Tooltip("p75:Q").title("A quarter lies above").format(",.3~r"),
                alt.Tooltip("p95:Q").title("5 % lie above").format(",.3~r"),
            ],
        )
        spread = base.mark_rule(strokeWidth=2).encode(
            alt.X("p05:Q").title(None).scale(zero=False).axis(tickCount=5), alt.X2("p95:Q"), color=segment_color(rows)
        )
        half = base.mark_bar(height=14, cornerRadius=3).encode(
            alt.X("p25:Q"), alt.X2("p75:Q"), color=segment_color(rows)
        )
        median = base.mark_tick(style="median", size=22).encode(alt.X("p50:Q"))
        panels.append(
            titled(
                alt.layer(spread, half, median, row_names(rows), height=rows_height(rows, 36)),
                capitalized(feature_figures.set_index("feature").loc[feature, "label"]),
                in_unit(feature_figures, feature),
                f"Spread of {title} by segment. Medians: "
                + "; ".join(f"{row.segment} {written(row.p50)}" for row in rows.itertuples())
                + ".",
            )
        )
    return titled(
        panels_of(panels, width=240, column_gap=150),
        "The segments, feature by feature",
        "Bar: the middle half of the segment's customers. Line: nine in ten. Mark: the median.",
    )
