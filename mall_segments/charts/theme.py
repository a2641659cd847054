"""What all charts share: colors, type, axes of segments, titles. Importing it turns the theme on."""

import textwrap

import altair as alt
import pandas as pd

SEGMENT_SHAPES = ["circle", "square", "triangle-up", "diamond", "triangle-down", "triangle-right"]
# Groups of customers that are no segments are drawn in muted colors, so nobody takes them for one.
CATEGORY_COLORS = ["#61738b", "#8f6f2c", "#477d66", "#9a6354", "#7570a3", "#587a8a", "#757575", "#8a6d7b"]
BELOW_AVERAGE, ABOVE_AVERAGE = "#018571", "#a6611a"

LIGHT = {"ink": "#1c2733", "quiet": "#5b6673", "line": "#dfe4ea", "surface": "#ffffff"}
DARK = {"ink": "#e8edf2", "quiet": "#a3aebb", "line": "#36404c", "surface": "#1b2027"}
NAME_LINE = 14  # pixels from one line of a segment's name to the next
NAME_LIMIT = 200  # pixels that a line of it takes at most
NAME_LETTERS = 34  # and letters, unless a single word has more
LETTER = 7.2  # pixels that a letter of a name in bold takes, on the average of a name
AXIS_TITLE_LINE = 34  # characters of an axis title that a phone has room for
SUBTITLE_LINE = 110  # characters
ROOM = "0 * width + (containerSize()[0] || 1e4)"  # pixels for a whole chart, asked again when its width changes
PICTURE_WIDTH = 640  # pixels of a chart where nothing else says how wide it is
LEGEND_MARK, LEGEND_LETTER, LEGEND_LIMIT = 30, 6.2, 220  # pixels: mark and gap, a letter, a whole label
EDGE = 15  # pixels from either end of an axis within which a label keeps to the inner side of its tick
NAME_ROOM = f"min({NAME_LIMIT}, ({ROOM}) / 2)"  # pixels for the names of rows, of which a phone has fewer
# From a million on labels say the magnitude: 800T for 800,000,000,000,000, and B, not G, for a billion.
MAGNITUDE = "abs(datum.value) < 1e6 ? datum.label : replace(format(datum.value, '.3~s'), 'G', 'B')"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
# What pictures are laid out with. In a wider font, such as the system's may be, words would not fit their places.
PICTURE_FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"


def theme_config(ink: str, quiet: str, line: str, surface: str) -> dict:
    """Vega-Lite configuration for four colors, which may be CSS variables where the chart becomes SVG in a page."""
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
            "labelSeparation": 4,
        },
        "axisQuantitative": {"labelExpr": MAGNITUDE},
        "axisXQuantitative": {"labelFlush": EDGE, "labelBound": True, "titleAnchor": "end"},
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


def feature_title(feature_figures: pd.DataFrame, feature: str) -> str:
    """Axis title of a feature: its label and, in brackets, its unit."""
    row = feature_figures.set_index("feature").loc[feature]
    return with_unit(capitalized(row["label"]), row["unit"])


def is_share(label: str, unit: str) -> bool:
    """Whether a feature is a part of a whole, which people read in percent."""
    return label.startswith("share of") and not unit


def axis_title(text: str) -> str | list[str]:
    """Write the title of an axis in as many lines as it takes on a phone."""
    return textwrap.wrap(text, AXIS_TITLE_LINE) if len(text) > AXIS_TITLE_LINE else text


def capitalized(text: str) -> str:
    """Begin a text with a capital and leave the rest as it is, as in 'ATM withdrawals'."""
    return text[:1].upper() + text[1:]


def with_unit(label: str, unit: str) -> str:
    """Add the unit in brackets, unless the label begins with it, as in 'Days since the last purchase'."""
    return f"{label} ({unit})" if unit and not label.lower().startswith(f"{unit} ".lower()) else label


def in_unit(feature_figures: pd.DataFrame, feature: str) -> str:
    """Say what a feature is counted in: 'In k$.', 'Per month.', nothing where it has no unit."""
    unit = feature_figures.set_index("feature").loc[feature, "unit"]
    if unit.startswith("per "):
        return f"{capitalized(unit)}."
    return f"In {unit}." if unit else ""


def segment_names(frame: pd.DataFrame) -> list[str]:
    """Return the names of the segments in the frame, most valuable first."""
    return frame.sort_values("value_rank")["segment"].drop_duplicates().tolist()


def segment_color(frame: pd.DataFrame, channel: type = alt.Color) -> alt.Color:
    """Color, or stroke, by segment, each segment in its own."""
    shown = frame.sort_values("value_rank").drop_duplicates("segment")
    return channel("segment:N").scale(domain=shown["segment"].tolist(), range=shown["color"].tolist()).legend(None)


def segment_rows(frame: pd.DataFrame) -> alt.Y:
    """Segments as rows, most valuable first; :func:`row_names` writes beside them what they are."""
    return alt.Y("segment:N").title(None).sort(segment_names(frame)).axis(None)


def row_names(frame: pd.DataFrame) -> alt.Chart:
    """Names of the segments beside their rows: a line per part, so that narrow screens keep room.

    An axis would put the first line of every name beside the middle of its row, and not the middle of the name.
    """
    names = segment_names(frame)
    limit = alt.expr(NAME_ROOM)
    return (
        alt.Chart(pd.DataFrame({"segment": names, "lines": ["\n".join(name_lines(name)) for name in names]}))
        .mark_text(
            style="label", fontSize=11, align="right", baseline="middle", limit=limit, **middle_of("lines", "\n")
        )
        .encode(segment_rows(frame), x=alt.value(-8), text="lines:N")
    )


def name_lines(name: str) -> list[str]:
    """Split a segment's name into lines: a line per part, more where a part is long."""
    return [
        line for part in name.split(", ") for line in textwrap.wrap(part, NAME_LETTERS, break_long_words=False) or [""]
    ]


def side_by_side(labels: list[str], beside: str) -> dict:
    """What a legend takes to have as many labels side by side, and as much of each, as there is room for.

    `beside` says in pixels, as a number or a formula, what stands at the left of the plot and of the legend.
    """
    widest = LEGEND_MARK + min(LEGEND_LIMIT, LEGEND_LETTER * max(map(len, labels)))
    room = f"(min({ROOM}, {PICTURE_WIDTH}) - {beside})"
    return {
        "columns": alt.expr(f"max(1, floor({room} / {widest:g}))"),
        "labelLimit": alt.expr(f"min({LEGEND_LIMIT}, {room} - {LEGEND_MARK})"),
    }


def middle_of(field: str, separator: str = ", ", line: int = NAME_LINE) -> dict:
    """What a text mark takes to write the parts of a text as lines whose middle, not the first, is at its place."""
    lines = f"length(split(datum[{field!r}], {separator!r}))"
    return {"lineBreak": separator, "lineHeight": line, "dy": alt.expr(f"-{line / 2:g} * ({lines} - 1)")}


def rows_height(frame: pd.DataFrame, row: int) -> int:
    """Height in pixels of a chart with segments as rows: the pixels that a row takes, or more where a name has more."""
    names = segment_names(frame)
    return len(names) * max(row, *(NAME_LINE * len(name_lines(name)) + 4 for name in names))


def titled(chart: alt.Chart, title: str, subtitle: str, description: str | None = None) -> alt.Chart:
    """Give a chart its heading, and what a screen reader says of it: by default the subtitle.

    A subtitle of several sentences takes several lines, so that a picture is no wider than its chart. It is the chart
    itself that gets them, since `properties` would copy all its layers and panels several times.
    """
    lines = textwrap.wrap(subtitle, SUBTITLE_LINE) if len(subtitle) > SUBTITLE_LINE else subtitle
    chart.title, chart.description = alt.Title(title, subtitle=lines), description or subtitle
    return chart


def panels_of(panels: list[alt.LayerChart], width: int, column_gap: int) -> alt.ConcatChart:
    """Lay the panels in two columns whose plots and titles line up."""
    for panel in panels:
        panel.width, panel.title.frame, panel.title.fontSize = width, "group", 13
    spacing = {"row": 95, "column": column_gap}
    return alt.concat(*panels, columns=2, align="all", bounds="flush", spacing=spacing)


def drawn_features(feature_figures: pd.DataFrame) -> list[str]:
    """The features whose spread is worth a panel: all but the share of women, which two bars say better."""
    return [feature for feature in feature_figures["feature"] if feature != "is_female"]


def wide_points(segment_points: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """One row per drawn customer, in the order of the points, with a column per feature."""
    rows = segment_points[segment_points["feature"].isin(features)]
    ids = [name for name in ("point", "customer_id", "segment") if name in rows]
    return rows.pivot(index=ids, columns="feature", values="value").rename_axis(columns=None).reset_index()


def has_two_numbers(segmentations: pd.DataFrame) -> bool:
    """Whether the segmentation has two features to draw customers over."""
    return bool(segmentations[["x_feature", "y_feature"]].notna().all(axis=None))


def is_modelled(segmentations: pd.DataFrame) -> bool:
    """Whether the segmentation has a model, and with it a number of segments."""
    return bool(segmentations["n_clusters"].notna().all())
