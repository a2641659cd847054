"""Charts of the customers before any segmentation."""

from collections.abc import Collection

import altair as alt
import pandas as pd

from mall_segments.charts.registry import Place, chart
from mall_segments.charts.theme import (
    CATEGORY_COLORS,
    axis_title,
    capitalized,
    drawn_features,
    feature_title,
    has_two_numbers,
    panels_of,
    titled,
    wide_points,
)
from mall_segments.numbers import formatted, measured, written


def by_gender(groups: Collection[str]) -> str:
    """Say that a histogram parts the customers, where it does."""
    return ", by gender" if len(groups) > 1 else ""


def feature_distribution(histograms: pd.DataFrame, figures: pd.DataFrame, feature: str) -> alt.LayerChart:
    """Histogram of one feature, an outline per group of customers.

    Parameters
    ----------
    histograms : DataFrame, one row per feature, bin and group
        Holds `feature`, `bin_start`, `bin_end`, `customer_group` and `customers`.
    figures : DataFrame, one row per feature
    feature : str
    """
    bins = histograms[histograms["feature"] == feature]
    width = (bins["bin_end"] - bins["bin_start"]).median()
    low, high = bins["bin_start"].min(), bins["bin_end"].max()
    # Empty bins, and one at either end, bring the outline down to the axis.
    middles = [low + (step + 0.5) * width for step in range(-1, round((high - low) / width) + 1)]
    groups = sorted(bins["customer_group"].unique())
    counts = bins.assign(step=((bins["bin_start"] - low) / width).round().astype(int) + 1).set_index(
        ["customer_group", "step"]
    )["customers"]
    outline = pd.DataFrame(
        {
            "customer_group": group,
            "value": middle,
            "range": f"{written(middle - width / 2, 6)} to {written(middle + width / 2, 6)}",
            "customers": int(counts.get((group, step), 0)),
        }
        for group in groups
        for step, middle in enumerate(middles)
    )
    base = alt.Chart(outline).encode(
        alt.X("value:Q").title(axis_title(feature_title(figures, feature))).scale(domain=[low, high], nice=False),
        alt.Y("customers:Q", stack=None).title("Customers").axis(tickMinStep=1),
        alt.Color("customer_group:N")
        .scale(domain=groups, range=CATEGORY_COLORS[: len(groups)])
        .title(None)
        .legend(None if len(groups) == 1 else alt.Legend()),
        [
            *([alt.Tooltip("customer_group:N").title("Gender")] if len(groups) > 1 else []),
            alt.Tooltip("range:N").title(feature_title(figures, feature)),
            alt.Tooltip("customers:Q").title("Customers").format(","),
        ],
    )
    row = figures.set_index("feature").loc[feature]
    median, minimum, maximum = (written(row[name], 4) for name in ("median", "minimum", "maximum"))
    span = f"from {minimum} to {measured(maximum, row['unit'])}"
    area = base.mark_area(interpolate="step", fillOpacity=0.3, line={"strokeWidth": 2}, clip=True)
    return titled(
        area.properties(height=200),
        capitalized(row["label"]),
        f"Half lie below {written(row['median'])}; from {written(row['minimum'])} to {written(row['maximum'])}.",
        f"Histogram of {row['label']}{by_gender(groups)}. Mean {written(row['mean'])}, median {median}, {span}.",
    )


@chart(Place("customers", 1, is_wide=True), is_global=True)
def feature_distributions(feature_histograms: pd.DataFrame, feature_figures: pd.DataFrame) -> alt.ConcatChart:
    """Show the histograms of all features side by side.

    Parameters
    ----------
    feature_histograms : DataFrame, one row per feature, bin and group
    feature_figures : DataFrame, one row per feature
        See :func:`feature_distribution`.
    """
    panels = [
        feature_distribution(feature_histograms, feature_figures, feature)
        for feature in drawn_features(feature_figures)
        if feature in set(feature_histograms["feature"])
    ]
    groups = feature_histograms["customer_group"].unique()
    return titled(
        panels_of(panels, width=300, column_gap=70),
        "Who the customers are",
        f"How many customers there are at each value{by_gender(groups)}.",
    )


@chart(Place("customers", 2, is_wide=True), is_global=True, when=has_two_numbers)
def raw_scatter(segment_points: pd.DataFrame, feature_figures: pd.DataFrame, segmentations: pd.DataFrame) -> alt.Chart:
    """Customers over two features, before any clustering.

    Parameters
    ----------
    segment_points : DataFrame, one row per drawn customer and feature
        Holds `point`, `customer_id`, `feature` and `value`.
    feature_figures : DataFrame, one row per feature
    segmentations : DataFrame, one row
        Names the two features: `x_feature` and `y_feature`.
    """
    x, y = segmentations.loc[0, ["x_feature", "y_feature"]]
    points = wide_points(segment_points, [x, y])
    correlation = points[x].corr(points[y])
    if pd.isna(correlation):
        finding = ""
    elif abs(correlation) < 0.3:
        finding = f"The correlation is {formatted(correlation, '.2f')}, so the two hardly move together."
    else:
        finding = f"The correlation is {formatted(correlation, '.2f')}, so the two move "
        finding += "together." if correlation > 0 else "against each other."
    x_title, y_title = feature_title(feature_figures, x), feature_title(feature_figures, y)
    chart = (
        alt.Chart(points[["customer_id", x, y]])
        .mark_circle(style="everyone", size=45)
        .encode(
            alt.X(f"{x}:Q").title(axis_title(x_title)).scale(zero=False),
            alt.Y(f"{y}:Q").title(axis_title(y_title)).scale(zero=False),
            tooltip=[
                alt.Tooltip("customer_id:N").title("Customer"),
                alt.Tooltip(f"{x}:Q").title(x_title).format(",.4~r"),
                alt.Tooltip(f"{y}:Q").title(y_title).format(",.4~r"),
            ],
        )
    )
    labels = feature_figures.set_index("feature")["label"]
    return titled(
        chart.properties(height=340),
        capitalized(f"{labels[y]} against {labels[x]}"),
        f"Each dot is a customer. {finding}".strip(),
    )
