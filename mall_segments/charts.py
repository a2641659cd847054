"""The charts of the project: a tidy frame in, an Altair chart out.

The frames come from :func:`mall_segments.frames.read_frames`. Importing this module enables its theme:

>>> import duckdb
>>> from mall_segments import charts, frames
>>> with duckdb.connect("warehouse.duckdb", read_only=True) as connection:  # doctest: +SKIP
...     shown = frames.read_frames(connection)
>>> charts.segment_sizes(shown["segments"].query("segmentation == 'income_spending'"))  # doctest: +SKIP
"""

import math
import textwrap

import altair as alt
import pandas as pd

# Ten colours that stay apart under the three kinds of colour blindness and keep a contrast of 3 to 1 on white as
# well as on the dark page. Beyond six segments hue alone gets hard for anyone, so the maps vary the shape too.
SEGMENT_COLORS = [
    "#0078b4",
    "#d25a00",
    "#00a578",
    "#872dff",
    "#e15af0",
    "#a54b87",
    "#ff4b96",
    "#87694b",
    "#0096ff",
    "#a587a5",
]
SEGMENT_SHAPES = ["circle", "square", "triangle-up", "diamond", "triangle-down", "triangle-right"]
# Groups of customers that are no segments are drawn in muted colours, so nobody takes them for one.
CATEGORY_COLORS = ["#61738b", "#8f6f2c", "#477d66", "#9a6354", "#7570a3", "#5c7f8f", "#757575", "#8a6d7b"]
BELOW_AVERAGE, ABOVE_AVERAGE = "#018571", "#a6611a"

LIGHT = {"ink": "#1c2733", "quiet": "#5b6673", "line": "#dfe4ea", "surface": "#ffffff"}
DARK = {"ink": "#e8edf2", "quiet": "#a3aebb", "line": "#36404c", "surface": "#1b2027"}
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

CRITERIA = {
    "separation": ("Separation of the two closest groups", "higher is clearer"),
    "silhouette": ("Silhouette", "higher is better"),
    "gap": ("Gap statistic", "higher is better"),
    "stability": ("Stability over bootstrap samples", "1 is fully reproducible"),
    "davies_bouldin": ("Davies-Bouldin index", "lower is better"),
    "calinski_harabasz": ("Calinski-Harabasz index", "higher is better"),
    "smallest_share": ("Share of the smallest segment", "too small is hard to act on"),
}


def theme_config(ink: str, quiet: str, line: str, surface: str) -> dict:
    """Vega-Lite configuration for four colours, which may be CSS variables where the chart becomes SVG in a page."""
    axis_text = {"labelColor": quiet, "titleColor": quiet, "labelFontSize": 11, "titleFontSize": 12}
    return {
        "background": surface,
        "font": FONT,
        "view": {"stroke": None, "continuousWidth": 560, "continuousHeight": 300, "discreteWidth": 560},
        "concat": {"spacing": 28},
        "title": {
            "anchor": "start",
            "color": ink,
            "fontSize": 16,
            "fontWeight": 600,
            "subtitleColor": quiet,
            "subtitleFontSize": 12,
            "subtitlePadding": 4,
            "offset": 12,
        },
        "axis": axis_text
        | {
            "domainColor": line,
            "gridColor": line,
            "tickColor": line,
            "titleFontWeight": "normal",
            "labelLimit": 220,
            "titlePadding": 8,
        },
        "axisBand": {"domain": False, "ticks": False, "labelPadding": 8, "grid": False, "labelColor": ink},
        "legend": axis_text | {"orient": "top", "titleFontWeight": "normal", "labelLimit": 260, "symbolSize": 110},
        "range": {"category": CATEGORY_COLORS},
        "text": {"color": ink, "fontSize": 12},
        "mark": {"color": quiet},
        "line": {"strokeWidth": 2},
        "style": {
            "label": {"color": ink},
            "halo": {"color": surface, "stroke": surface, "strokeWidth": 4, "strokeJoin": "round"},
            "reference": {"color": quiet, "strokeDash": [4, 3], "strokeWidth": 1.5},
            "error": {"color": quiet, "strokeWidth": 1.5},
            "candidate": {"color": surface, "stroke": quiet, "strokeWidth": 2, "size": 50},
            "chosen": {"color": ink, "stroke": ink, "size": 110},
            "outlined": {"stroke": surface, "strokeWidth": 2},
            "everyone": {"color": quiet, "fillOpacity": 0.55},
            "median": {"color": ink, "stroke": surface, "strokeWidth": 1.5, "thickness": 5, "opacity": 1},
        },
    }


@alt.theme.register("mall_segments_dark", enable=False)
def dark_theme() -> alt.theme.ThemeConfig:
    """Make the theme for dark surroundings; ``alt.theme.enable("mall_segments_dark")`` turns it on."""
    return alt.theme.ThemeConfig(config=theme_config(**DARK))


@alt.theme.register("mall_segments", enable=True)
def light_theme() -> alt.theme.ThemeConfig:
    """Make the theme that importing this module turns on."""
    return alt.theme.ThemeConfig(config=theme_config(**LIGHT))


def segment_colors(segments: pd.DataFrame) -> pd.Series:
    """One colour per segment, kept for as long as the segment keeps its number.

    Segments of one segmentation never share a colour (up to ten); a segment of a later segmentation takes the colour
    of its namesake in an earlier one.

    Parameters
    ----------
    segments : DataFrame, one row per segmentation and segment, in the order of the segmentations
        Holds `segmentation`, `segment_id` and `segment_name`.

    Returns
    -------
    Series of str, indexed as `segments`
    """
    colors = pd.Series(index=segments.index, dtype=object)
    by_name: dict[str, str] = {}
    for _, group in segments.groupby("segmentation", sort=False):
        taken: set[str] = set()
        ordered = group.assign(is_known=group["segment_name"].isin(by_name)).sort_values(
            ["is_known", "segment_id"], ascending=[False, True]
        )
        for row in ordered.itertuples():
            start = (row.segment_id - 1) % len(SEGMENT_COLORS)
            candidates = [by_name.get(row.segment_name), *SEGMENT_COLORS[start:], *SEGMENT_COLORS[:start]]
            color = next((each for each in candidates if each and each not in taken), SEGMENT_COLORS[start])
            taken.add(color)
            by_name.setdefault(row.segment_name, color)
            colors[row.Index] = color
    return colors


def percent(share: float) -> str:
    """Write a share in whole percent, halves rounded up."""
    return f"{math.floor(share * 100 + 0.5)}%"


def feature_title(statistics: pd.DataFrame, feature: str) -> str:
    """Axis title of a feature: its label and, in brackets, its unit."""
    row = statistics.set_index("feature").loc[feature]
    label = row["label"][0].upper() + row["label"][1:]
    return f"{label} ({row['unit']})" if row["unit"] else label


def _names(frame: pd.DataFrame) -> list[str]:
    """Return the names of the segments in the frame, most valuable first."""
    return frame.sort_values("value_rank")["segment_name"].drop_duplicates().tolist()


def _segment_color(frame: pd.DataFrame, channel: type = alt.Color) -> alt.Color:
    shown = frame.sort_values("value_rank").drop_duplicates("segment_name")
    return (
        channel("segment_name:N")
        .scale(domain=shown["segment_name"].tolist(), range=shown["color"].tolist())
        .legend(None)
    )


def _segment_rows(frame: pd.DataFrame) -> alt.Y:
    """Segments as rows, most valuable first; a name takes one line per part, so that narrow screens keep room."""
    return (
        alt.Y("segment_name:N")
        .title(None)
        .sort(_names(frame))
        .axis(labelExpr="split(datum.label, ', ')", labelLineHeight=14, labelLimit=170)
    )


def _titled(chart: alt.Chart, title: str, subtitle: str, description: str | None = None) -> alt.Chart:
    return chart.properties(title=alt.Title(title, subtitle=subtitle), description=description or subtitle)


def _panels(panels: list[alt.LayerChart], width: int, column_gap: int) -> alt.ConcatChart:
    """Lay the panels in two columns whose plots and titles line up."""
    aligned = []
    for panel in panels:
        title = panel.title.copy()
        title.frame, title.fontSize = "group", 13
        aligned.append(panel.properties(width=width, title=title))
    return alt.concat(*aligned, columns=2, align="all", bounds="flush").properties(
        spacing={"row": 95, "column": column_gap}
    )


def feature_distribution(histogram: pd.DataFrame, statistics: pd.DataFrame, feature: str) -> alt.LayerChart:
    """Histogram of one feature, an outline per gender.

    Parameters
    ----------
    histogram : DataFrame, one row per feature, bin and gender
        Holds `feature`, `bin_start`, `bin_end`, `gender` and `customers`.
    statistics : DataFrame, one row per feature
    feature : str
    """
    bins = histogram[histogram["feature"] == feature]
    width = (bins["bin_end"] - bins["bin_start"]).median()
    low, high = bins["bin_start"].min(), bins["bin_end"].max()
    # Empty bins, and one at either end, bring the outline down to the axis.
    middles = [low + (step + 0.5) * width for step in range(-1, round((high - low) / width) + 1)]
    genders = sorted(bins["gender"].unique())
    counts = bins.assign(step=((bins["bin_start"] - low) / width).round().astype(int) + 1).set_index(
        ["gender", "step"]
    )["customers"]
    outline = pd.DataFrame(
        {
            "gender": gender,
            "value": middle,
            "range": f"{middle - width / 2:,g} to {middle + width / 2:,g}",
            "customers": int(counts.get((gender, step), 0)),
        }
        for gender in genders
        for step, middle in enumerate(middles)
    )
    base = alt.Chart(outline).encode(
        alt.X("value:Q").title(feature_title(statistics, feature)).scale(domain=[low, high], nice=False),
        alt.Y("customers:Q", stack=None).title("Customers").axis(tickMinStep=1),
        alt.Color("gender:N")
        .scale(domain=genders, range=CATEGORY_COLORS[: len(genders)])
        .title(None)
        .legend(None if len(genders) == 1 else alt.Legend()),
        [
            alt.Tooltip("gender:N").title("Gender"),
            alt.Tooltip("range:N").title(feature_title(statistics, feature)),
            alt.Tooltip("customers:Q").title("Customers").format(","),
        ],
    )
    row = statistics.set_index("feature").loc[feature]
    area = base.mark_area(interpolate="step", fillOpacity=0.3, line={"strokeWidth": 2}, clip=True)
    return _titled(
        area.properties(height=200),
        row["label"].capitalize(),
        f"Half lie below {row['median']:,.3g}; from {row['minimum']:,.3g} to {row['maximum']:,.3g}.",
        f"Histogram of {row['label']} by gender. Mean {row['mean']:,.3g}, median {row['median']:,.4g}, from "
        f"{row['minimum']:,.4g} to {row['maximum']:,.4g} {row['unit']}.".replace(" .", "."),
    )


def feature_distributions(histogram: pd.DataFrame, statistics: pd.DataFrame) -> alt.ConcatChart:
    """Show the histograms of all features side by side."""
    panels = [
        feature_distribution(histogram, statistics, feature)
        for feature in statistics["feature"]
        if feature in set(histogram["feature"]) and feature != "is_female"
    ]
    return _titled(
        _panels(panels, width=300, column_gap=70),
        "Who the customers are",
        "How many customers there are at each value, by gender.",
    )


def raw_scatter(points: pd.DataFrame, statistics: pd.DataFrame, x: str, y: str) -> alt.Chart:
    """Customers over two features, before any clustering.

    Parameters
    ----------
    points : DataFrame, one row per sampled customer
        Holds `customer_id` and the two features.
    statistics : DataFrame, one row per feature
    x, y : str
        Names of the features.
    """
    correlation = points[x].corr(points[y])
    if pd.isna(correlation):
        finding = ""
    elif abs(correlation) < 0.3:
        finding = f"The correlation is {correlation:.2f}, so neither predicts the other."
    else:
        finding = f"The correlation is {correlation:.2f}: the two move together."
    x_title, y_title = feature_title(statistics, x), feature_title(statistics, y)
    chart = (
        alt.Chart(points[["customer_id", x, y]])
        .mark_circle(style="everyone", size=45)
        .encode(
            alt.X(f"{x}:Q").title(x_title).scale(zero=False),
            alt.Y(f"{y}:Q").title(y_title).scale(zero=False),
            tooltip=[
                alt.Tooltip("customer_id:N").title("Customer"),
                alt.Tooltip(f"{x}:Q").title(x_title).format(",.4~g"),
                alt.Tooltip(f"{y}:Q").title(y_title).format(",.4~g"),
            ],
        )
    )
    labels = statistics.set_index("feature")["label"]
    return _titled(
        chart.properties(height=340),
        f"{labels[y]} against {labels[x]}".capitalize(),
        f"Each dot is a customer. {finding}".strip(),
    )


def elbow(scores: pd.DataFrame, n_clusters: int) -> alt.LayerChart:
    """Inertia by number of segments, with the chosen number marked.

    Parameters
    ----------
    scores : DataFrame, one row per candidate number of segments
        Holds `n_clusters` and `inertia`.
    n_clusters : int
        The number of segments that was chosen.
    """
    first, last = scores.iloc[0], scores.iloc[-1]
    chart = _criterion(scores, "inertia", "Inertia: squared distance to the segment centres", n_clusters, None)
    return _titled(
        chart.properties(height=280),
        "The elbow",
        f"More segments always fit closer; after {n_clusters} each further one gains little.",
        f"Line of inertia by number of segments, falling from {first['inertia']:,.4g} at {first['n_clusters']} to "
        f"{last['inertia']:,.4g} at {last['n_clusters']}. {n_clusters} segments are marked as chosen.",
    )


def _criterion(
    scores: pd.DataFrame, criterion: str, title: str | None, n_clusters: int, vote: int | None
) -> alt.LayerChart:
    columns = ["n_clusters", criterion] + (["gap_standard_error"] if criterion == "gap" else [])
    rows = scores[columns].assign(
        role=[
            "chosen" if count == n_clusters else "this criterion's vote" if count == vote else "candidate"
            for count in scores["n_clusters"]
        ]
    )
    base = alt.Chart(rows).encode(
        alt.X("n_clusters:Q")
        .title("Number of segments")
        .axis(values=rows["n_clusters"].tolist(), format="d", grid=False)
        .scale(zero=False, nice=False, padding=14),
        alt.Y(f"{criterion}:Q").title(title).axis(tickCount=5).scale(zero=True)
        if criterion == "inertia"
        else alt.Y(f"{criterion}:Q").title(title).axis(tickCount=5).scale(zero=False, nice=False, padding=18),
        tooltip=[
            alt.Tooltip("n_clusters:Q").title("Segments"),
            alt.Tooltip(f"{criterion}:Q").title(criterion.replace("_", " ").capitalize()).format(",.4~g"),
            alt.Tooltip("role:N").title("Role"),
        ],
    )
    chosen = base.transform_filter("datum.role === 'chosen'")
    layers = [base.mark_line(), base.mark_point(style="candidate", filled=True, opacity=1)]
    if criterion == "gap":
        bars = base.transform_calculate(
            low="datum.gap - datum.gap_standard_error", high="datum.gap + datum.gap_standard_error"
        )
        layers.insert(0, bars.mark_rule(style="error").encode(alt.Y("low:Q"), alt.Y2("high:Q")))
    layers.insert(0, chosen.mark_rule(style="reference").encode(alt.X("n_clusters:Q"), y=alt.Undefined))
    if vote is not None and vote != n_clusters:
        layers.append(
            base.transform_filter(alt.datum.role == "this criterion's vote").mark_point(
                style="chosen", shape="diamond", filled=True, opacity=1
            )
        )
    layers.append(chosen.mark_point(style="chosen", filled=True, opacity=1))
    layers += [
        chosen.mark_text(style=style, align="left", baseline="bottom", dx=7, dy=-5, fontWeight=600).encode(
            text=alt.value(f"{n_clusters} chosen")
        )
        for style in ("halo", "label")
    ]
    return alt.layer(*layers)


def cluster_count_scores(scores: pd.DataFrame, n_clusters: int, votes: pd.DataFrame) -> alt.ConcatChart:
    """Silhouette and the other criteria by number of segments, a panel each.

    Parameters
    ----------
    scores : DataFrame, one row per candidate number of segments
    n_clusters : int
        The chosen number.
    votes : DataFrame, one row per criterion
        Holds `criterion` and `vote`, null where it abstains.
    """
    voted_for = votes.dropna(subset="vote").set_index("criterion")["vote"].astype(int)
    panels = []
    for criterion, (name, reading) in CRITERIA.items():
        if scores[criterion].notna().sum() == 0:
            continue
        vote = int(voted_for[criterion]) if criterion in voted_for else None
        voted = "" if vote is None else f"; votes for {vote}"
        at_chosen = scores.set_index("n_clusters")[criterion].get(n_clusters, float("nan"))
        panels.append(
            _titled(
                _criterion(scores, criterion, None, n_clusters, vote).properties(height=170),
                name,
                f"{reading[0].upper()}{reading[1:]}{voted}.",
                f"Line of {name} by number of segments ({reading}){voted}. At the chosen {n_clusters} it is "
                f"{at_chosen:,.3g}.",
            )
        )
    return _titled(
        _panels(panels, width=300, column_gap=70),
        "What the other criteria say",
        "A filled dot marks the chosen number, a diamond a vote for another one.",
    )


def segment_map(
    points: pd.DataFrame,
    profiles: pd.DataFrame,
    statistics: pd.DataFrame,
    x: str,
    y: str,
) -> alt.LayerChart:
    """Sampled customers over two features, coloured by segment, with the segments' centres; one can be highlighted.

    Parameters
    ----------
    points : DataFrame, one row per sampled customer
        Holds `customer_id`, `segment_name`, `value_rank`, `color` and the two features.
    profiles : DataFrame, one row per segment and feature
        Holds `segment_name`, `value_rank`, `color`, `feature` and `mean`.
    statistics : DataFrame, one row per feature
    x, y : str
        Names of the features.
    """
    names = _names(profiles)
    x_title, y_title = feature_title(statistics, x), feature_title(statistics, y)
    centers = (
        profiles[profiles["feature"].isin([x, y])]
        .pivot(index=["segment_name", "value_rank", "color"], columns="feature", values="mean")
        .reset_index()
    )
    highlight = alt.param(
        name="highlight",
        value=None,
        bind=alt.binding_select(options=[None, *names], labels=["All segments", *names], name="Highlight "),
    )
    is_lit = "highlight === null || datum.segment_name === highlight"
    encoding = {
        "x": alt.X(f"{x}:Q").title(x_title).scale(zero=False, nice=False, padding=12),
        "y": alt.Y(f"{y}:Q").title(y_title).scale(zero=False, nice=False, padding=12),
    }
    shapes = [SEGMENT_SHAPES[rank % len(SEGMENT_SHAPES)] for rank in range(len(names))]
    dots = (
        alt.Chart(points[["customer_id", "segment_name", x, y]])
        .mark_point(filled=True, size=48)
        .encode(
            **encoding,
            color=_segment_color(profiles),
            shape=alt.Shape("segment_name:N").scale(domain=names, range=shapes).legend(None),
            opacity=alt.when(is_lit).then(alt.value(0.85)).otherwise(alt.value(0.08)),
            tooltip=[
                alt.Tooltip("segment_name:N").title("Segment"),
                alt.Tooltip("customer_id:N").title("Customer"),
                alt.Tooltip(f"{x}:Q").title(x_title).format(",.4~g"),
                alt.Tooltip(f"{y}:Q").title(y_title).format(",.4~g"),
            ],
        )
    )
    middles = alt.Chart(centers).encode(
        **encoding, opacity=alt.when(is_lit).then(alt.value(1)).otherwise(alt.value(0.15))
    )
    crosses = middles.mark_point(style="outlined", shape="cross", filled=True, size=240).encode(
        color=_segment_color(profiles),
        tooltip=[
            alt.Tooltip("segment_name:N").title("Centre of"),
            alt.Tooltip(f"{x}:Q").title(f"Mean {x_title[0].lower()}{x_title[1:]}").format(",.3~g"),
            alt.Tooltip(f"{y}:Q").title(f"Mean {y_title[0].lower()}{y_title[1:]}").format(",.3~g"),
        ],
    )
    text = {"lineBreak": ", ", "dy": 14, "baseline": "top", "lineHeight": 14, "fontWeight": 600}
    labels = [middles.mark_text(style=style, **text).encode(alt.Text("segment_name:N")) for style in ("halo", "label")]
    chart = alt.layer(dots, crosses, *labels).add_params(highlight)
    return _titled(
        chart.properties(height=420),
        f"{len(names)} segments on the map",
        "Each mark is a customer, each cross the mean of a segment.",
        f"Scatter plot of {x_title} and {y_title}, coloured by segment. Means: "
        + "; ".join(f"{row['segment_name']} at {row[x]:,.3g} and {row[y]:,.3g}" for _, row in centers.iterrows())
        + ".",
    )


def silhouette_plot(margins: pd.DataFrame) -> alt.LayerChart:
    """Simplified silhouette of every customer, a blade per segment, widest where customers fit best.

    The simplified silhouette is 1 minus the distance to the own centre over the distance to the runner-up's: 1 is at
    the centre, 0 on the border between two segments.

    Parameters
    ----------
    margins : DataFrame, one row per segment and margin
        Holds `segment_name`, `value_rank`, `color`, `margin` and `customers`.
    """
    rows = margins.sort_values(["value_rank", "margin"], ascending=[True, False]).reset_index(drop=True)
    total = rows["customers"].sum()
    gap = total * 0.03
    rank = rows["value_rank"].rank(method="dense") - 1
    rows["top"] = rows["customers"].cumsum() + rank * gap
    rows["bottom"] = rows["top"] - rows["customers"]
    rows["start"] = 0
    weighted = (rows["margin"] * rows["customers"]).groupby(rows["segment_name"]).sum()
    means = weighted / rows.groupby("segment_name")["customers"].sum()
    labels = rows.groupby(["segment_name", "value_rank"], as_index=False).agg(
        bottom=("bottom", "min"), top=("top", "max")
    )
    labels["middle"] = (labels["bottom"] + labels["top"]) / 2
    labels["text"] = [f"{name}: {means[name]:.2f}" for name in labels["segment_name"]]
    mean = weighted.sum() / total
    blades = (
        alt.Chart(rows)
        .mark_rect(strokeWidth=0.75)
        .encode(
            alt.X("start:Q").title("Simplified silhouette").scale(domain=[0, 1]).axis(tickCount=5),
            alt.X2("margin:Q"),
            alt.Y("bottom:Q").axis(None).scale(reverse=True, nice=False),
            alt.Y2("top:Q"),
            color=_segment_color(rows),
            stroke=_segment_color(rows, alt.Stroke),
            tooltip=[
                alt.Tooltip("segment_name:N").title("Segment"),
                alt.Tooltip("margin:Q").title("Silhouette").format(".2f"),
                alt.Tooltip("customers:Q").title("Customers").format(","),
            ],
        )
    )
    named = alt.Chart(labels).encode(alt.Y("middle:Q"), x=alt.value(8), text=alt.Text("text:N"))
    halo, label = (
        named.mark_text(style=style, align="left", fontWeight=600, lineBreak=", ", lineHeight=14, dy=-5)
        for style in ("halo", "label")
    )
    rule = alt.Chart(pd.DataFrame({"mean": [mean]})).mark_rule(style="reference").encode(alt.X("mean:Q"))
    return _titled(
        alt.layer(blades, rule, halo, label).properties(height=380),
        "Silhouette of every customer",
        f"From 0 on the border to another segment to 1 at the centre of its own. The dashed mean is {mean:.2f}.",
        "Silhouette plot. Mean by segment: " + "; ".join(labels["text"]) + ".",
    )


def segment_sizes(segments: pd.DataFrame) -> alt.LayerChart:
    """One labelled bar per segment, most valuable first.

    Parameters
    ----------
    segments : DataFrame, one row per segment
        Holds `segment_name`, `value_rank`, `color`, `customers` and `share`.
    """
    rows = segments[["segment_name", "customers", "share"]].assign(
        text=[f"{row.customers:,}\n{percent(row.share)}" for row in segments.itertuples()]
    )
    base = alt.Chart(rows).encode(
        alt.X("customers:Q")
        .title("Customers")
        .axis(tickMinStep=1, format=",d", tickCount=5)
        .scale(domainMax=segments["customers"].max() * 1.5, nice=False),
        _segment_rows(segments),
        tooltip=[
            alt.Tooltip("segment_name:N").title("Segment"),
            alt.Tooltip("customers:Q").title("Customers").format(","),
            alt.Tooltip("share:Q").title("Share").format(".1%"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.65}).encode(_segment_color(segments))
    texts = base.mark_text(style="label", align="left", dx=6, dy=-6, lineBreak="\n", lineHeight=14).encode(
        alt.Text("text:N")
    )
    return _titled(
        (bars + texts).properties(height=46 * segments["segment_name"].nunique()),
        "Customers per segment",
        "Most valuable segment first.",
        "Bar chart of customers per segment: "
        + "; ".join(f"{row.segment_name} {row.customers:,} ({percent(row.share)})" for row in segments.itertuples())
        + ".",
    )


def profile_heatmap(profiles: pd.DataFrame) -> alt.LayerChart:
    """Each segment's mean of each feature against all customers, in standard deviations.

    Parameters
    ----------
    profiles : DataFrame, one row per segment and feature
        Holds `segment_name`, `value_rank`, `label`, `unit`, `feature_order`, `mean` and `z_score`.
    """
    known = profiles.dropna(subset=["z_score"])
    lines = {label: textwrap.wrap(label, 13) for label in known["label"]}
    most_lines = max(len(each) for each in lines.values())
    rows = known.assign(
        # Blank lines on top, so that all headings end just above their column; hard spaces, as SVG drops soft ones.
        heading=["\n".join(["\u00a0"] * (most_lines - len(lines[label])) + lines[label]) for label in known["label"]],
        score=["0.0" if abs(z) < 0.05 else f"{z:+.1f}" for z in known["z_score"]],
        figure=[_figure(mean, unit) for mean, unit in zip(known["mean"], known["unit"], strict=True)],
        strength=known["z_score"].abs().clip(upper=2),
    )[["segment_name", "value_rank", "heading", "label", "feature_order", "figure", "score", "z_score", "strength"]]
    headings = rows.sort_values("feature_order")["heading"].drop_duplicates().tolist()
    x = alt.X("heading:N").sort(headings).axis(None)
    base = alt.Chart(rows).encode(
        x,
        _segment_rows(rows),
        tooltip=[
            alt.Tooltip("segment_name:N").title("Segment"),
            alt.Tooltip("label:N").title("Feature"),
            alt.Tooltip("figure:N").title("Mean"),
            alt.Tooltip("z_score:Q").title("Standard deviations from everyone's mean").format("+.2f"),
        ],
    )
    cells = base.mark_rect(style="outlined").encode(
        color=alt.when("datum.z_score < 0").then(alt.value(BELOW_AVERAGE)).otherwise(alt.value(ABOVE_AVERAGE)),
        fillOpacity=alt.FillOpacity("strength:Q").scale(domain=[0, 2], range=[0.03, 0.62]).legend(None),
    )
    # Where columns get narrow, as on a phone, headings stand upright and the means stay in the tooltip.
    is_narrow = f"width < {72 * len(headings)}"
    scores = base.mark_text(style="label", fontWeight=600, dy=alt.expr(f"{is_narrow} ? 0 : -8")).encode(
        alt.Text("score:N")
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
            lineHeight=13,
            angle=alt.expr(f"{is_narrow} ? 270 : 0"),
            align=alt.expr(f"{is_narrow} ? 'left' : 'center'"),
            baseline=alt.expr(f"{is_narrow} ? 'middle' : 'alphabetic'"),
            dy=alt.expr(f"{is_narrow} ? {-13 * (most_lines - 1) / 2} : {-13 * (most_lines - 1)}"),
        )
        .encode(x, y=alt.value(-8), text="heading:N")
    )
    strongest = rows.loc[rows.groupby("segment_name")["strength"].idxmax()].sort_values("value_rank")
    return _titled(
        alt.layer(cells, scores, figures, tops).properties(height=52 * rows["segment_name"].nunique()),
        "Segment profiles",
        "Standard deviations from everyone's mean (brown above, green below), with the segment's mean underneath.",
        "Heatmap of segments by feature. Strongest difference: "
        + "; ".join(f"{row.segment_name}, {row.label} {row.z_score:+.1f}" for row in strongest.itertuples())
        + ".",
    )


def _figure(value: float, unit: str) -> str:
    """Write a figure as it is read: three digits and the unit."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit if len(unit) < 8 else ''}".strip()


def feature_by_segment(
    histogram: pd.DataFrame, quantiles: pd.DataFrame, statistics: pd.DataFrame, feature: str
) -> alt.LayerChart:
    """Distribution of one feature within each segment: thicker where more of its customers are, median marked.

    Parameters
    ----------
    histogram : DataFrame, one row per segment, feature and bin
        Holds `segment_name`, `value_rank`, `color`, `feature`, `bin_start`, `bin_end` and `customers`.
    quantiles : DataFrame, one row per segment and feature
        Holds `segment_name`, `feature` and `p50`.
    statistics : DataFrame, one row per feature
    feature : str
    """
    rows = histogram[histogram["feature"] == feature]
    rows = rows.assign(share=rows["customers"] / rows.groupby("segment_name")["customers"].transform("sum"))
    medians = quantiles.loc[quantiles["feature"] == feature, ["segment_name", "p50"]]
    title = feature_title(statistics, feature)
    label = statistics.set_index("feature").loc[feature, "label"]
    bodies = (
        alt.Chart(rows[["segment_name", "bin_start", "bin_end", "customers", "share"]])
        .mark_bar(opacity=0.85)
        .encode(
            alt.X("bin_start:Q").title(title).scale(zero=False, nice=False),
            alt.X2("bin_end:Q"),
            _segment_rows(rows),
            alt.Size("share:Q").scale(domain=[0, rows["share"].max()], range=[0, 46]).legend(None),
            color=_segment_color(rows),
            tooltip=[
                alt.Tooltip("segment_name:N").title("Segment"),
                alt.Tooltip("bin_start:Q").title("From").format(",.4~g"),
                alt.Tooltip("bin_end:Q").title("To").format(",.4~g"),
                alt.Tooltip("customers:Q").title("Customers").format(","),
                alt.Tooltip("share:Q").title("Share of the segment").format(".0%"),
            ],
        )
    )
    middle = alt.Chart(medians).encode(alt.X("p50:Q"), _segment_rows(rows))
    ticks = middle.mark_tick(style="median", size=30)
    texts = [
        middle.mark_text(style=style, align="left", dx=7, dy=-2, fontWeight=600).encode(
            alt.Text("p50:Q").format(",.3~g")
        )
        for style in ("halo", "label")
    ]
    return _titled(
        alt.layer(bodies, ticks, *texts).properties(height=58 * rows["segment_name"].nunique()),
        f"{label.capitalize()} by segment",
        "Thicker where more of the segment's customers are; the mark is the median.",
        f"Distribution of {label} within each segment. Medians: "
        + "; ".join(f"{row.segment_name} {row.p50:,.3g}" for row in medians.itertuples())
        + ".",
    )


def category_by_segment(categories: pd.DataFrame, category: str) -> alt.LayerChart:
    """Mix of one category column, such as gender, within each segment.

    Parameters
    ----------
    categories : DataFrame, one row per segment, category and value
        Holds `segment_name`, `value_rank`, `category`, `value` and `customers`.
    category : str
    """
    rows = categories[categories["category"] == category]
    last = ["other", "not given"]
    values = sorted(rows["value"].unique(), key=lambda value: (value in last, value))
    rows = rows.assign(
        share=rows["customers"] / rows.groupby("segment_name")["customers"].transform("sum"),
        place=rows["value"].map(values.index),
    ).sort_values(["value_rank", "place"])
    ends = rows.groupby("segment_name", sort=False)["share"].cumsum()
    rows = rows.assign(
        percent=rows["share"].map(percent), start=ends - rows["share"], middle=ends - rows["share"] / 2, end=ends
    )
    base = alt.Chart(rows[["segment_name", "value", "customers", "share", "percent", "start", "middle", "end"]]).encode(
        _segment_rows(rows),
        tooltip=[
            alt.Tooltip("segment_name:N").title("Segment"),
            alt.Tooltip("value:N").title(category.replace("_", " ").capitalize()),
            alt.Tooltip("customers:Q").title("Customers").format(","),
            alt.Tooltip("share:Q").title("Share of the segment").format(".0%"),
        ],
    )
    bars = base.mark_bar(style="outlined", height={"band": 0.7}).encode(
        alt.X("start:Q").title("Share of the segment").axis(format="%").scale(domain=[0, 1]),
        alt.X2("end:Q"),
        color=alt.Color("value:N").title(None).scale(domain=values, range=CATEGORY_COLORS[: len(values)]),
    )
    texts = (
        base.transform_filter("datum.share >= 0.08")
        .mark_text(color="#ffffff", fontWeight=600)
        .encode(alt.X("middle:Q"), alt.Text("percent:N"))
    )
    heading = category.replace("_", " ").capitalize()
    return _titled(
        (bars + texts).properties(height=44 * rows["segment_name"].nunique()),
        f"{heading} mix by segment",
        "Shares of each segment's customers.",
        f"Stacked bars of {heading.lower()} by segment: "
        + "; ".join(f"{row.segment_name}, {row.value} {row.percent}" for row in rows.itertuples())
        + ".",
    )


def segments_by_feature(quantiles: pd.DataFrame, statistics: pd.DataFrame) -> alt.ConcatChart:
    """Show small multiples: one panel per feature, in it the spread of each segment.

    Parameters
    ----------
    quantiles : DataFrame, one row per segment and feature
        Holds `segment_name`, `value_rank`, `color`, `feature` and the quantiles `p05`, `p25`, `p50`, `p75`, `p95`.
    statistics : DataFrame, one row per feature
    """
    panels = []
    for feature in statistics["feature"]:
        rows = quantiles[quantiles["feature"] == feature]
        if rows.empty or feature == "is_female":
            continue
        title = feature_title(statistics, feature)
        base = alt.Chart(rows[["segment_name", "p05", "p25", "p50", "p75", "p95"]]).encode(
            _segment_rows(rows),
            tooltip=[
                alt.Tooltip("segment_name:N").title("Segment"),
                alt.Tooltip("p05:Q").title("5 % lie below").format(",.3~g"),
                alt.Tooltip("p25:Q").title("A quarter lies below").format(",.3~g"),
                alt.Tooltip("p50:Q").title("Median").format(",.3~g"),
                alt.Tooltip("p75:Q").title("A quarter lies above").format(",.3~g"),
                alt.Tooltip("p95:Q").title("5 % lie above").format(",.3~g"),
            ],
        )
        spread = base.mark_rule(strokeWidth=2).encode(
            alt.X("p05:Q").title(None).scale(zero=False).axis(tickCount=5), alt.X2("p95:Q"), color=_segment_color(rows)
        )
        half = base.mark_bar(height=14, cornerRadius=3).encode(
            alt.X("p25:Q"), alt.X2("p75:Q"), color=_segment_color(rows)
        )
        median = base.mark_tick(style="median", size=22).encode(alt.X("p50:Q"))
        panels.append(
            _titled(
                (spread + half + median).properties(height=36 * rows["segment_name"].nunique()),
                statistics.set_index("feature").loc[feature, "label"].capitalize(),
                f"In {unit}." if (unit := statistics.set_index("feature").loc[feature, "unit"]) else "",
                f"Spread of {title} by segment. Medians: "
                + "; ".join(f"{row.segment_name} {row.p50:,.3g}" for row in rows.itertuples())
                + ".",
            )
        )
    return _titled(
        _panels(panels, width=240, column_gap=150),
        "The segments, feature by feature",
        "Bar: the middle half of the segment's customers. Line: nine in ten. Mark: the median.",
    )


def algorithm_scores(scores: pd.DataFrame) -> alt.LayerChart:
    """Silhouette of each clustering algorithm, with the groups it found and how far they are the segments.

    Parameters
    ----------
    scores : DataFrame, one row per algorithm, in the order to show them
        Holds `algorithm`, `clusters`, `noise_share`, `silhouette`, `agreement_with_champion`, `is_finding` and
        `reading`. An algorithm that found fewer than two groups, or nothing to go by, has no silhouette and no bar.
    """
    rows = scores[["algorithm", "silhouette", "reading"]].assign(
        text=[
            f"{row.clusters} {'group' if row.clusters == 1 else 'groups'}"
            + (f", {percent(row.noise_share)} noise" if row.noise_share else "")
            + (f"\nagreement {row.agreement_with_champion:.2f}" if row.is_finding else "\nno finding")
            for row in scores.itertuples()
        ],
        start=scores["silhouette"].clip(lower=0).fillna(0),
    )
    low, high = min(0, rows["silhouette"].min()), max(0.01, rows["silhouette"].max())
    base = alt.Chart(rows).encode(
        alt.Y("algorithm:N").title(None).sort(rows["algorithm"].tolist()),
        tooltip=[
            alt.Tooltip("reading:N").title("What it sees"),
            alt.Tooltip("silhouette:Q").title("Silhouette").format(".3f"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.55}).encode(
        alt.X("silhouette:Q")
        .title("Silhouette (higher is better)")
        .axis(values=[-1, -0.5, 0, 0.5, 1])
        .scale(domain=[low, 3.2 * high], nice=False)
    )
    texts = base.mark_text(style="label", align="left", dx=6, dy=-6, lineBreak="\n", lineHeight=14).encode(
        alt.X("start:Q"), alt.Text("text:N")
    )
    return _titled(
        (bars + texts).properties(height=46 * len(rows)),
        "Other algorithms on the same customers",
        "Agreement is the adjusted Rand index with the segments: 1 for the same grouping, 0 for chance.",
        "Bar chart of silhouettes. " + " ".join(scores["reading"]),
    )


def segment_migrations(migrations: pd.DataFrame) -> alt.LayerChart:
    """Customers per move from one segment to another, told apart by whether they or the model moved.

    Parameters
    ----------
    migrations : DataFrame, one row per move between two segments and cause
        Holds `from_segment_name`, `to_segment_name`, `cause` and `customers`.
    """
    names = migrations[["from_segment_name", "to_segment_name"]].fillna("a former segment")
    moves = (
        migrations.assign(move=names["from_segment_name"] + "\n→ " + names["to_segment_name"])
        .groupby(["move", "cause"], as_index=False)["customers"]
        .sum()
    )
    order = moves.groupby("move")["customers"].sum().sort_values(ascending=False, kind="stable").index.tolist()
    bars = (
        alt.Chart(moves)
        .mark_bar(height={"band": 0.6})
        .encode(
            alt.X("sum(customers):Q").title("Customers").axis(tickMinStep=1, format=",d"),
            alt.Y("move:N").title(None).sort(order).axis(labelExpr="split(datum.label, '\\n')", labelLimit=260),
            alt.Color("cause:N").title("Why they moved"),
            tooltip=[
                alt.Tooltip("move:N").title("Move"),
                alt.Tooltip("cause:N").title("Why"),
                alt.Tooltip("sum(customers):Q").title("Customers").format(","),
            ],
        )
    )
    return _titled(
        alt.layer(bars).properties(height=52 * len(order)),
        "Who moved to another segment last",
        "A customer moved if the former model already says so; otherwise the model did.",
        "Bar chart of moves: "
        + "; ".join(f"{row.move} {row.customers:,} ({row.cause})".replace("\n", " ") for row in moves.itertuples())
        + ".",
    )


def customer_charts(frames: dict[str, pd.DataFrame]) -> dict[str, alt.TopLevelMixin]:
    """Charts of the customers before any segmentation, by file stem; those without data are left out."""
    charts: dict[str, alt.TopLevelMixin] = {}
    statistics, points = frames["feature_statistics"], frames["segment_points"]
    if len(frames["feature_histograms"]):
        charts["feature_distributions"] = feature_distributions(frames["feature_histograms"], statistics)
    if len(points):
        first = frames["segmentations"].iloc[0]
        own = points[points["segmentation"] == first["segmentation"]]
        if len(own) and first["y_feature"]:
            charts["raw_scatter"] = raw_scatter(own, statistics, first["x_feature"], first["y_feature"])
    return charts


def segmentation_charts(frames: dict[str, pd.DataFrame], segmentation: str) -> dict[str, alt.TopLevelMixin]:
    """Charts of one segmentation by the name of the chart; those without data are left out.

    Parameters
    ----------
    frames : dict of str to DataFrame
        As :func:`mall_segments.frames.read_frames` gives them.
    segmentation : str

    Returns
    -------
    dict of str to chart
    """
    charts: dict[str, alt.TopLevelMixin] = {}
    statistics = frames["feature_statistics"]
    own = {
        name: frame[frame["segmentation"] == segmentation].drop(columns="segmentation")
        for name, frame in frames.items()
        if "segmentation" in frame
    }
    if len(own["cluster_counts"]) and len(own["cluster_count_scores"]):
        n_clusters = int(own["cluster_counts"]["n_clusters"].iloc[0])
        charts["elbow"] = elbow(own["cluster_count_scores"], n_clusters)
        charts["cluster_count_scores"] = cluster_count_scores(
            own["cluster_count_scores"], n_clusters, own["cluster_count_votes"]
        )
    if own["segments"].empty:
        return charts

    axes = own["segmentations"].iloc[0]
    if axes["y_feature"] and len(own["segment_points"]):
        charts["segment_map"] = segment_map(
            own["segment_points"], own["segment_profiles"], statistics, axes["x_feature"], axes["y_feature"]
        )
    if len(own["segment_margins"]):
        charts["silhouette_plot"] = silhouette_plot(own["segment_margins"])
    charts["segment_sizes"] = segment_sizes(own["segments"])
    if own["segment_profiles"]["z_score"].notna().any():
        charts["profile_heatmap"] = profile_heatmap(own["segment_profiles"])
    charts["segments_by_feature"] = segments_by_feature(own["segment_quantiles"], statistics)
    if "age" in set(own["segment_histograms"]["feature"]):
        charts["age_by_segment"] = feature_by_segment(
            own["segment_histograms"], own["segment_quantiles"], statistics, "age"
        )
    if own["algorithm_scores"]["silhouette"].notna().any():
        charts["algorithm_scores"] = algorithm_scores(own["algorithm_scores"])
    if len(own["segment_migrations"]):
        latest = own["segment_migrations"]["moved_at"] == own["segment_migrations"]["moved_at"].max()
        charts["segment_migrations"] = segment_migrations(own["segment_migrations"][latest])
    for category in own["segment_categories"]["category"].unique():
        charts[f"{category}_by_segment"] = category_by_segment(own["segment_categories"], category)
    return charts


def published_charts(frames: dict[str, pd.DataFrame]) -> dict[str, alt.TopLevelMixin]:
    """Every chart that the frames have data for.

    Parameters
    ----------
    frames : dict of str to DataFrame
        As :func:`mall_segments.frames.read_frames` gives them.

    Returns
    -------
    dict of str to chart
        File stem: chart. The charts of a segmentation start with its name.
    """
    charts = customer_charts(frames)
    for segmentation in frames["segmentations"]["segmentation"]:
        for name, chart in segmentation_charts(frames, segmentation).items():
            charts[f"{segmentation}_{name}"] = chart
    return charts
