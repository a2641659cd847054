"""Charts of the segments among their customers: where they lie, how clear and how large they are."""

import altair as alt
import pandas as pd

from mall_segments.charts.registry import ANOTHER_VIEW, Place, chart
from mall_segments.charts.theme import (
    LETTER,
    NAME_LINE,
    SEGMENT_SHAPES,
    axis_title,
    capitalized,
    feature_title,
    has_two_numbers,
    middle_of,
    name_lines,
    row_names,
    rows_height,
    segment_color,
    segment_names,
    segment_rows,
    side_by_side,
    titled,
    wide_points,
)
from mall_segments.numbers import formatted, percent, written

MAP_HEIGHT = 420
CLEARANCE = 12  # pixels between a center and its name
SMALL = "(width < 210 ? 9 : width < 260 ? 10 : 12)"  # pixels of a name on a map, a formula of the map's width
SLIVER = 100  # square pixels of a name that may lie on another
PHONE = 200  # pixels that a map is wide on a phone, where names have least room
LONG_LINE = 24  # characters of a line of a name that leave a phone little width beside it
MOST_VALUES = 4  # of the features of a customer that a mark of the map tells


def has_map(segmentations: pd.DataFrame, map_axes: pd.DataFrame) -> bool:
    """Whether the segmentation has axes to draw a map over: its own two numbers, or those of a projection."""
    return has_two_numbers(segmentations) or not map_axes.empty


@chart(Place("classify", 1), Place(ANOTHER_VIEW, 1), when=has_map)
def segment_map(
    segment_points: pd.DataFrame,
    profile_cells: pd.DataFrame,
    feature_figures: pd.DataFrame,
    segmentations: pd.DataFrame,
    map_axes: pd.DataFrame,
    map_points: pd.DataFrame,
) -> alt.LayerChart:
    """Sampled customers by their features, colored by segment, with the segments' centers; one can be highlighted.

    Two features are the axes of the map. Where there are more, it shows the two directions in which customers differ
    most, since over any two of the features alone segments would lie on one another.

    Parameters
    ----------
    segment_points : DataFrame, one row per drawn customer and feature
        Holds `point`, `customer_id`, `segment`, `feature` and `value`.
    profile_cells : DataFrame, one row per segment and feature
        Holds `segment_id`, `segment`, `value_rank`, `color`, `feature` and `mean`.
    feature_figures : DataFrame, one row per feature
    segmentations : DataFrame, one row
        Names the two features: `x_feature` and `y_feature`.
    map_axes : DataFrame, one row per axis and dimension; none where the features are the axes
        Holds `axis`, `feature`, `explained` and `reading`.
    map_points : DataFrame, one row per drawn customer and per segment
        Holds `point`, `segment_id`, `x` and `y`; `point` is 0 for the center of the segment.
    """
    names = segment_names(profile_cells)
    title = f"{len(names)} segments on the map"
    if map_axes.empty:
        x, y = segmentations.loc[0, ["x_feature", "y_feature"]]
        titles = {each: feature_title(feature_figures, each) for each in (x, y)}
        means = profile_cells[profile_cells["feature"].isin([x, y])]
        centers = means.pivot(index=["segment", "value_rank", "color"], columns="feature", values="mean").reset_index()
        found = "; ".join(
            f"{row['segment']} at {written(row[x])} and {written(row[y])}" for _, row in centers.iterrows()
        )
        return titled(
            _drawn_map(wide_points(segment_points, [x, y]), centers, names, titles, titles),
            title,
            "Each mark is a customer, each cross the mean of a segment.",
            f"Scatter plot of {titles[x]} and {titles[y]}, colored by segment. Means: {found}.",
        )
    right, up = map_axes.drop_duplicates("axis").sort_values("axis").itertuples()
    titles = {place: f"{capitalized(axis.reading.split(', ')[0])} →" for place, axis in (("x", right), ("y", up))}
    ranks = profile_cells.drop_duplicates("segment_id")[["segment_id", "segment", "value_rank", "color"]]
    is_center = map_points["point"] == 0
    centers = (
        map_points.loc[is_center, ["segment_id", "x", "y"]].merge(ranks, on="segment_id").sort_values("value_rank")
    )
    numbers = feature_figures["feature"][feature_figures["feature"].isin(map_axes["feature"])].head(MOST_VALUES)
    points = map_points.loc[~is_center, ["point", "x", "y"]].merge(
        wide_points(segment_points, numbers.tolist()), on="point"
    )
    told = {each: feature_title(feature_figures, each) for each in numbers}
    return titled(
        _drawn_map(points, centers, names, titles, told),
        title,
        f"Each mark is a customer, each cross the center of a segment. Right: {right.reading} "
        f"({percent(right.explained)} of how customers differ). Up: {up.reading} ({percent(up.explained)}).",
        f"Scatter plot of two principal components, colored by segment. To the right {right.reading} "
        f"({percent(right.explained)} of the variance), upwards {up.reading} ({percent(up.explained)}). Centers: "
        + "; ".join(
            f"{row.segment} at {formatted(row.x, '.1f')} and {formatted(row.y, '.1f')}" for row in centers.itertuples()
        )
        + ".",
    )


def _drawn_map(
    points: pd.DataFrame, centers: pd.DataFrame, names: list[str], titles: dict[str, str], told: dict[str, str]
) -> alt.LayerChart:
    """Draw customers and centers over the two columns that `titles` names, with the values that `told` names."""
    x, y = titles
    highlight = alt.param(
        name="highlight",
        value=None,
        bind=alt.binding_select(options=[None, *names], labels=["All segments", *names], name="Highlight "),
    )
    is_lit = "highlight === null || datum.segment === highlight"
    encoding = {
        "x": alt.X(f"{x}:Q").title(axis_title(titles[x])).scale(zero=False, nice=False, padding=12),
        "y": alt.Y(f"{y}:Q").title(axis_title(titles[y])).scale(zero=False, nice=False, padding=12),
    }
    # Names that are too many or too long would lie over one another, so they stand in a legend.
    centers = centers.join(_name_places(centers, points, x, y))
    is_crowded = len(names) > len(SEGMENT_SHAPES) or not centers["is_clear"].all()
    key = alt.Legend(title=None, orient="bottom", symbolSize=100, **side_by_side(names, "60")) if is_crowded else None
    shapes = [SEGMENT_SHAPES[rank % len(SEGMENT_SHAPES)] for rank in range(len(names))]
    dots = (
        alt.Chart(points[list(dict.fromkeys(["customer_id", "segment", x, y, *told]))])
        .mark_point(filled=True, size=48)
        .encode(
            **encoding,
            color=segment_color(centers).legend(key),
            shape=alt.Shape("segment:N").scale(domain=names, range=shapes).legend(key),
            opacity=alt.when(is_lit).then(alt.value(0.85)).otherwise(alt.value(0.08)),
            tooltip=[
                alt.Tooltip("segment:N").title("Segment"),
                alt.Tooltip("customer_id:N").title("Customer"),
                *(alt.Tooltip(f"{each}:Q").title(words).format(",.4~r") for each, words in told.items()),
            ],
        )
    )
    middles = alt.Chart(centers).encode(
        **encoding, opacity=alt.when(is_lit).then(alt.value(1)).otherwise(alt.value(0.15))
    )
    crosses = middles.mark_point(style="outlined", shape="cross", filled=True, size=240).encode(
        color=segment_color(centers).legend(key),
        tooltip=[
            alt.Tooltip("segment:N").title("Center of"),
            *(
                alt.Tooltip(f"{each}:Q").title(f"Mean {words[:1].lower()}{words[1:]}").format(",.3~r")
                for each, words in told.items()
                if each in centers
            ),
        ],
    )
    half = f"min(width / 2, datum.half * {SMALL} / 12)"
    inwards = f"max(0, {half} - datum.place * width) - max(0, {half} - (1 - datum.place) * width)"
    text = {"lineBreak": "\n", "lineHeight": NAME_LINE, "baseline": "top", "fontSize": alt.expr(SMALL)}
    text |= {"limit": alt.expr("width")}
    text |= {"dx": alt.expr(inwards), "dy": alt.expr("datum.below")}
    labels = [
        middles.mark_text(style=style, fontWeight=600, **text).encode(alt.Text("lines:N"))
        for style in ([] if is_crowded else ["halo", "label"])
    ]
    return alt.layer(dots, crosses, *labels).add_params(highlight).properties(height=MAP_HEIGHT)


def _name_places(centers: pd.DataFrame, points: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """Find where names of centers stand, below or above them, so that none lies on another, on a phone either.

    Returns
    -------
    DataFrame, one row per center
        `lines` of the name; `place`, from 0 at the left to 1 at the right; `half` of the name's width and `below`,
        where it begins under its center, in pixels; `is_clear`, whether it lies on no other.
    """

    def along(column: str) -> pd.Series:
        span = points[column].max() - points[column].min()
        return (centers[column] - points[column].min()) / span if span > 0 else 0 * centers[column] + 0.5

    across, down = along(x).clip(0, 1), (1 - along(y)) * MAP_HEIGHT
    placed, taken = [], []
    for name, place, middle in zip(centers["segment"], across, down, strict=True):
        lines = name_lines(name)
        height, half = NAME_LINE * len(lines), LETTER / 2 * max(map(len, lines))
        left = max(0, min(place * PHONE - half, PHONE - 2 * half))
        tried = {}
        for step in range(4):
            for below in (CLEARANCE + step * height / 2, -CLEARANCE - height - step * height / 2):
                box = (left, middle + below, left + 2 * half, middle + below + height)
                is_within = box[1] >= 0 and box[3] <= MAP_HEIGHT
                tried[below] = (sum(_overlap(box, other) for other in taken) + (0 if is_within else 1e6), box)
        below, (covered, box) = min(tried.items(), key=lambda each: each[1][0])
        taken.append(box)
        placed.append(("\n".join(lines), place, half, below, covered < SLIVER))
    return pd.DataFrame(placed, columns=["lines", "place", "half", "below", "is_clear"], index=centers.index)


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, across) * max(0, down)


@chart(Place("fit", 1), Place(ANOTHER_VIEW, 7))
def silhouette_plot(segment_margins: pd.DataFrame) -> alt.LayerChart:
    """Simplified silhouette of every customer, a blade per segment, widest where customers fit best.

    The simplified silhouette is 1 minus the distance to the own center over the distance to the runner-up's: 1 is at
    the center, 0 on the border between two segments.

    Parameters
    ----------
    segment_margins : DataFrame, one row per segment and margin
        Holds `segment`, `value_rank`, `color`, `margin` and `customers`.
    """
    shown = segment_margins[["segment", "value_rank", "color", "margin", "customers"]]
    rows = shown.sort_values(["value_rank", "margin"], ascending=[True, False]).reset_index(drop=True)
    total = rows["customers"].sum()
    gap = total * 0.03
    rank = rows["value_rank"].rank(method="dense") - 1
    rows["top"] = rows["customers"].cumsum() + rank * gap
    rows["bottom"] = rows["top"] - rows["customers"]
    rows["start"] = 0
    weighted = (rows["margin"] * rows["customers"]).groupby(rows["segment"]).sum()
    means = weighted / rows.groupby("segment")["customers"].sum()
    labels = rows.groupby(["segment", "value_rank"], as_index=False).agg(bottom=("bottom", "min"), top=("top", "max"))
    labels["middle"] = (labels["bottom"] + labels["top"]) / 2
    labels["text"] = [f"{name}: {formatted(means[name], '.2f')}" for name in labels["segment"]]
    labels["lines"] = ["\n".join(name_lines(text)) for text in labels["text"]]
    mean = weighted.sum() / total
    blades = (
        alt.Chart(rows)
        .mark_rect(strokeWidth=0.75)
        .encode(
            alt.X("start:Q").title("Simplified silhouette").scale(domain=[0, 1]).axis(tickCount=5),
            alt.X2("margin:Q"),
            alt.Y("bottom:Q").axis(None).scale(reverse=True, nice=False),
            alt.Y2("top:Q"),
            color=segment_color(rows),
            stroke=segment_color(rows, alt.Stroke),
            tooltip=[
                alt.Tooltip("segment:N").title("Segment"),
                alt.Tooltip("margin:Q").title("Silhouette").format(".2f"),
                alt.Tooltip("customers:Q").title("Customers").format(","),
            ],
        )
    )
    named = alt.Chart(labels).encode(alt.Y("middle:Q"), x=alt.value(8), text=alt.Text("lines:N"))
    limit = alt.expr("width - 8")
    halo, label = (
        named.mark_text(
            style=style,
            align="left",
            baseline="middle",
            fontSize=11,
            fontWeight=600,
            limit=limit,
            **middle_of("lines", "\n"),
        )
        for style in ("halo", "label")
    )
    rule = alt.Chart(pd.DataFrame({"mean": [mean]})).mark_rule(style="reference").encode(alt.X("mean:Q"))
    return titled(
        alt.layer(blades, rule, halo, label, height=380),
        "Silhouette of every customer",
        f"The simplified silhouette: 0 on the border to another segment, 1 at the center of its own. Dashed: the mean, "
        f"{formatted(mean, '.2f')}.",
        "Silhouette plot. Mean by segment: " + "; ".join(labels["text"]) + ".",
    )


@chart(Place("fit", 2), Place(ANOTHER_VIEW, 2))
def segment_sizes(segments: pd.DataFrame) -> alt.LayerChart:
    """One labelled bar per segment, most valuable first.

    Parameters
    ----------
    segments : DataFrame, one row per segment
        Holds `segment`, `value_rank`, `color`, `customers` and `share`.
    """
    # Beside long names a phone leaves little width, of which the figures need the larger part.
    room = 2.6 if segments["segment"].str.split(", ").explode().str.len().max() > LONG_LINE else 1.5
    rows = segments[["segment", "customers", "share"]].assign(
        text=[f"{formatted(row.customers)}\n{percent(row.share)}" for row in segments.itertuples()]
    )
    base = alt.Chart(rows).encode(
        alt.X("customers:Q")
        .title("Customers")
        .axis(tickMinStep=1, format=",d", tickCount=5)
        .scale(domainMax=segments["customers"].max() * room, nice=False),
        segment_rows(segments),
        tooltip=[
            alt.Tooltip("segment:N").title("Segment"),
            alt.Tooltip("customers:Q").title("Customers").format(","),
            alt.Tooltip("share:Q").title("Share").format(".1%"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.65}).encode(segment_color(segments))
    texts = base.mark_text(style="label", align="left", dx=6, dy=-6, lineBreak="\n", lineHeight=14).encode(
        alt.Text("text:N")
    )
    return titled(
        alt.layer(bars, texts, row_names(segments), height=rows_height(segments, 46)),
        "Customers per segment",
        "Most valuable segment first.",
        "Bar chart of customers per segment: "
        + "; ".join(f"{row.segment} {formatted(row.customers)} ({percent(row.share)})" for row in segments.itertuples())
        + ".",
    )
