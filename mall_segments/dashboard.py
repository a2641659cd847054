"""The dashboard: one self-contained page that leads from the segments through the evidence to what to do.

A section is a :class:`Section` in the list that :func:`page_sections` makes. One that shows figures, tables or both
needs nothing else; one with markup of its own names a macro of ``dashboard.html.jinja`` as its `block`.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import altair as alt
import jinja2
import pandas as pd
import vl_convert

from mall_segments import charts

HERE = Path(__file__).parent
FIT_WIDTH = {"type": "fit-x", "contains": "padding"}
PAGE_COLORS = {"ink": "var(--ink)", "quiet": "var(--quiet)", "line": "var(--line)", "surface": "var(--surface)"}


@dataclass
class Figure:
    """A chart in the page, or several that share a heading."""

    key: str
    title: str
    caption: str
    panels: list[dict[str, str]]
    is_wide: bool = False


@dataclass
class Table:
    """A table of plain values."""

    caption: str
    columns: list[str]
    rows: list[list[Any]]


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


class Specs:
    """Vega-Lite specifications of the page; each data set is embedded once."""

    def __init__(self):
        self.datasets: dict[str, list] = {}
        self.views: dict[str, dict] = {}

    def figure(self, key: str, chart: alt.TopLevelMixin, is_wide: bool = False) -> Figure:
        """Take a chart in and say where its views go. Headings become text of the page, where they can wrap."""
        spec = chart.to_dict(validate=False)  # the tests hold every chart to the schema; here it would only take time
        self.datasets |= spec.pop("datasets", {})
        heading = spec.pop("title")
        caption = heading.get("subtitle", "")
        panels = []
        for position, view in enumerate(spec.get("concat", [spec])):
            own_heading = view.pop("title", {})
            view_key = f"{key}-{position}"
            panels.append(
                {
                    "key": view_key,
                    "title": own_heading.get("text", ""),
                    "caption": own_heading.get("subtitle", ""),
                    "description": view.pop("description", caption),
                }
            )
            for setting in ("$schema", "config"):
                view.pop(setting, None)
            self.views[view_key] = view | {"width": "container", "autosize": FIT_WIDTH}
        return Figure(key, heading["text"], caption, panels, is_wide)


def dashboard_html(frames: dict[str, pd.DataFrame]) -> str:
    """Write the page.

    Parameters
    ----------
    frames : dict of str to DataFrame
        As :func:`mall_segments.frames.read_frames` gives them.

    Returns
    -------
    str
        HTML that loads nothing from anywhere. Without customers it says so and draws nothing.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = charts.percent
    environment.filters["thousands"] = lambda number: f"{number:,}"
    specs = Specs()
    sections = page_sections(frames, specs)
    totals = frames["totals"].iloc[0]
    config = charts.theme_config(**PAGE_COLORS) | {"background": "transparent"}
    return environment.get_template("dashboard.html.jinja").render(
        summary=summary(frames),
        headlines=headlines(frames),
        sections=sections,
        totals=totals,
        specs={"datasets": specs.datasets, "views": specs.views, "config": config},
        model=classifier(frames),
        style=(HERE / "dashboard.css").read_text(encoding="utf-8"),
        script=(HERE / "dashboard.js").read_text(encoding="utf-8"),
        vega=vl_convert.javascript_bundle() if specs.views else "",
    )


def page_sections(frames: dict[str, pd.DataFrame], specs: Specs) -> list[Section]:
    """Make the sections of the page in reading order: what we found, why to believe it, what to do."""
    if frames["segments"].empty:
        return [data_quality(frames)] if frames["totals"]["source_rows"][0] else []
    first, *others = frames["segmentations"].itertuples()
    own = charts.segmentation_charts(frames, first.segmentation)
    before = charts.customer_charts(frames)
    cards = segment_cards(frames, first.segmentation)

    def figures(*names: str, wide: tuple[str, ...] = ()) -> list[Figure]:
        return [specs.figure(name, own[name], is_wide=name in wide) for name in names if name in own]

    if "segment_map" in own:
        own["segment_map"] = with_typed_customer(
            own["segment_map"], frames["feature_statistics"], first.x_feature, first.y_feature
        )
    n_segments = len(cards)
    mixes = [name for name in own if name.endswith("_by_segment")]
    sections = [
        Section(
            "segments",
            "Segments",
            "The segments at a glance",
            "Most valuable first. Value is the mean standing of a segment's customers in the features that the project "
            "counts as valuable, against all customers.",
            block="cards",
            content={"cards": cards},
        ),
        Section(
            "classify",
            "Try a customer",
            "Which segment is this customer?",
            "Type a customer's figures to see the segment, how sure the answer is, and what to do first.",
            figures=figures("segment_map"),
            block="form",
        ),
        Section(
            "customers",
            "The data",
            "First the data, before any model",
            "What the clusters have to explain: how the customers spread before anyone sorted them.",
            figures=[specs.figure(name, chart, is_wide=True) for name, chart in before.items()],
        ),
        Section(
            "count",
            "How many",
            f"Why {n_segments} segments",
            "Gaps between customers decide how many segments there are; other criteria say what speaks for it.",
            figures=figures("elbow", "cluster_count_scores", wide=("elbow", "cluster_count_scores")),
            block="votes",
            content={"counts": votes(frames, first.segmentation)},
        ),
        Section(
            "fit",
            "How clear",
            "How clear the segments are",
            "Most customers sit well inside their segment. Those near a border could go either way: treat them gently.",
            figures=figures("silhouette_plot", "segment_sizes"),
        ),
        trust(
            frames, first.segmentation, figures("algorithm_scores", "segment_migrations", wide=("algorithm_scores",))
        ),
        Section(
            "profiles",
            "Profiles",
            "What sets each segment apart",
            "Read a row to learn about a segment, a column to compare all of them.",
            figures=figures(
                "profile_heatmap", "segments_by_feature", *mixes, wide=("profile_heatmap", "segments_by_feature")
            ),
        ),
        Section(
            "actions",
            "What to do",
            "What to do first",
            "The first action for each segment. Every segment's card above lists the rest of its plan.",
            block="plan",
            content={"cards": [card for card in cards if card["actions"]], "top": top_customers(frames, cards[0])},
        ),
        *(other_segmentation(frames, specs, each) for each in others if len(of(frames["segments"], each.segmentation))),
        data_quality(frames),
    ]
    return [section for section in sections if section.figures or section.tables or section.block]


def trust(frames: dict[str, pd.DataFrame], segmentation: str, figures: list[Figure]) -> Section:
    """Make the section that says what other algorithms see and whether the model still fits today's customers."""
    drift = of(frames["segment_drift"], segmentation)
    labels = frames["feature_statistics"].set_index("feature")["label"]
    return Section(
        "trust",
        "Can we trust it",
        "Would another method say the same, and does it still hold?",
        "Other algorithms, with parameters that a rule reads off the data, looked at the same customers.",
        figures=figures,
        tables=[
            Table(
                "Today's customers against those the model was trained on",
                ["Feature", "Mean then", "Mean today", "Stability index", "Out of range", "Verdict"],
                [
                    [
                        labels[row.feature],
                        f"{row.training_mean:,.4g}",
                        f"{row.mean:,.4g}",
                        f"{row.stability_index:.2f}",
                        charts.percent(row.share_outside_training_range),
                        row.reading.partition(":")[0],
                    ]
                    for row in drift.dropna(subset=["stability_index", "share_outside_training_range"]).itertuples()
                ],
            )
        ]
        if len(drift)
        else [],
    )


def other_segmentation(frames: dict[str, pd.DataFrame], specs: Specs, segmentation: Any) -> Section:
    """Make the section of a segmentation that is not the first."""
    wide = ("profile_heatmap", "segments_by_feature", "cluster_count_scores", "algorithm_scores")
    drawn = charts.segmentation_charts(frames, segmentation.segmentation)
    order = ["segment_map", "segment_sizes", "profile_heatmap", "segments_by_feature"]
    order += [name for name in drawn if name.endswith("_by_segment")]
    order += ["silhouette_plot", "elbow", "cluster_count_scores", "algorithm_scores", "segment_migrations"]
    return Section(
        segmentation.segmentation.replace("_", "-"),
        segmentation.segmentation.replace("_", " ").capitalize(),
        f"Another view: {segmentation.title[0].lower()}{segmentation.title[1:]}",
        "The same customers, segmented by more of what is known about them. A colour stands for the same kind of "
        "segment as above.",
        figures=[
            specs.figure(f"{segmentation.segmentation}-{name}", drawn[name], is_wide=name in wide)
            for name in order
            if name in drawn
        ],
        block="second_view",
        content={
            "cards": segment_cards(frames, segmentation.segmentation),
            "counts": votes(frames, segmentation.segmentation),
        },
    )


def of(frame: pd.DataFrame, segmentation: str) -> pd.DataFrame:
    """Return the rows of one segmentation."""
    return frame[frame["segmentation"] == segmentation]


def summary(frames: dict[str, pd.DataFrame]) -> str:
    """Say in two sentences what the first segmentation found."""
    n_customers = frames["totals"]["customers"][0]
    if n_customers == 0:
        return "There are no customers yet. Load some and build again."
    if frames["segments"].empty:
        return f"Too few different customers to find segments among: {n_customers:,}. Load more and build again."
    first = frames["segmentations"].iloc[0]
    segments = of(frames["segments"], first["segmentation"])
    best, largest = segments.iloc[0], segments.loc[segments["customers"].idxmax()]
    title = f"{first['title'][0].lower()}{first['title'][1:]}"
    found = (
        f"By {title}, {n_customers:,} customers fall into {len(segments)} segments. "
        f"The most valuable, {best['nickname']}, holds {charts.percent(best['share'])} of them"
    )
    if best["segment_id"] == largest["segment_id"]:
        return f"{found} and is also the largest."
    return f"{found}; the largest, {largest['nickname']}, {charts.percent(largest['share'])}."


def headlines(frames: dict[str, pd.DataFrame]) -> list[dict[str, str]]:
    """Pick the numbers at the top of the page: value, unit and what they are."""
    totals = frames["totals"].iloc[0]
    numbers = [{"value": f"{totals['customers']:,}", "unit": "", "label": "customers"}]
    if frames["segments"].empty:
        return numbers
    first = frames["segmentations"]["segmentation"][0]
    segments = of(frames["segments"], first)
    best = segments.iloc[0]
    numbers += [
        {"value": str(len(segments)), "unit": "", "label": "segments"},
        {"value": charts.percent(best["share"]), "unit": "", "label": f"are {best['nickname']}"},
    ]
    features = of(frames["segmentation_features"], first)
    for row in features.head(2).itertuples():
        numbers.append({"value": f"{row.mean:,.3g}", "unit": row.unit, "label": f"mean {row.label}"})
    rejected = totals["rejected_rows"] / totals["source_rows"] if totals["source_rows"] else 0
    numbers.append({"value": f"{1 - rejected:.0%}" if rejected < 0.995 else "0%", "unit": "", "label": "rows usable"})
    return numbers


def segment_cards(frames: dict[str, pd.DataFrame], segmentation: str) -> list[dict[str, Any]]:
    """Say of each segment, most valuable first, who it is and what to do about it."""
    actions = of(frames["segment_marketing_actions"], segmentation)
    return [
        segment
        | {
            "anchor": f"{segmentation}-{segment['segment_id']}".replace("_", "-"),
            "actions": actions[actions["segment_id"] == segment["segment_id"]].to_dict("records"),
        }
        for segment in of(frames["segments"], segmentation).to_dict("records")
    ]


def votes(frames: dict[str, pd.DataFrame], segmentation: str) -> dict[str, Any]:
    """Collect the reason for the number of segments and what each criterion voted."""
    rows = of(frames["cluster_counts"], segmentation)
    if rows.empty:
        return {"reason": "", "n_clusters": 0, "votes": []}
    counts = rows.iloc[0]
    return {
        "reason": counts["reason"],
        "n_clusters": int(counts["n_clusters"]),
        "votes": [
            {"name": row.label, "vote": int(row.vote)}
            for row in of(frames["cluster_count_votes"], segmentation).dropna(subset="vote").itertuples()
        ],
    }


def top_customers(frames: dict[str, pd.DataFrame], best: dict[str, Any]) -> dict[str, Any]:
    """Name the customers of the most valuable segment, with their figures."""
    known = frames["top_customers"]
    statistics = frames["feature_statistics"].set_index("feature")
    features = [name for name in known.columns if name in statistics.index]
    return {
        "segment": best,
        "customers": [
            {
                "customer_id": row["customer_id"],
                "figures": ", ".join(f"{row[name]:,.4g} {statistics.loc[name, 'unit']}".strip() for name in features),
            }
            for row in known.to_dict("records")
        ],
    }


def data_quality(frames: dict[str, pd.DataFrame]) -> Section:
    """Make the section that says what became of every source row and every missing figure."""
    totals = frames["totals"].iloc[0]
    tables = [
        Table(
            "Source rows",
            ["What became of them", "Rows"],
            [
                ["Customers", f"{totals['customers']:,}"],
                *(
                    [f"Rejected: {row.rejection_reason}", f"{row.source_rows:,}"]
                    for row in frames["rejections"].itertuples()
                ),
                ["All source rows", f"{totals['source_rows']:,}"],
            ],
        ),
        Table(
            "Features",
            ["Feature", "Imputed", "Mean", "Median", "Lowest", "Highest"],
            [
                [
                    f"{row.label} ({row.unit})" if row.unit else row.label,
                    f"{row.missing_count:,}",
                    *(
                        "" if pd.isna(value) else f"{value:,.4g}"
                        for value in (row.mean, row.median, row.minimum, row.maximum)
                    ),
                ]
                for row in frames["feature_statistics"].itertuples()
            ],
        ),
    ]
    imputed = totals["imputed_customers"]
    missing = (
        f"Customers that miss a feature: {imputed:,}. The median stands in when they are scored, and they never train "
        "the model."
        if imputed
        else "No customer misses a feature."
    )
    return Section(
        "quality",
        "Data quality",
        "What the data was like",
        f"Every source row is a customer or is rejected with a reason. {missing}",
        tables=tables,
    )


def with_typed_customer(chart: alt.LayerChart, statistics: pd.DataFrame, x: str, y: str) -> alt.LayerChart:
    """Add a mark to the segment map that the page moves to the customer typed into its form."""
    typed = {axis: alt.param(name=f"typed_{axis}", value=None) for axis in ("x", "y")}
    features = {"x": x, "y": y}
    means = statistics.set_index("feature")["mean"]
    # Before anything is typed the mark waits unseen in the middle, so that it does not stretch the axes.
    here = (
        alt.Chart(alt.InlineData([{}]))
        .transform_calculate(
            **{
                feature: f"isValid(typed_{axis}) ? typed_{axis} : {float(means[feature])!r}"
                for axis, feature in features.items()
            }
        )
        .encode(
            alt.X(f"{x}:Q").title(charts.feature_title(statistics, x)),
            alt.Y(f"{y}:Q").title(charts.feature_title(statistics, y)),
            opacity=alt.when("isValid(typed_x) && isValid(typed_y)").then(alt.value(1)).otherwise(alt.value(0)),
        )
    )
    ring = here.mark_point(style="chosen", size=420, filled=False, strokeWidth=3)
    labels = [
        here.mark_text(style=style, dy=-20, fontWeight=700).encode(text=alt.value("Typed"))
        for style in ("halo", "label")
    ]
    customers = chart.copy()
    customers.title = customers.description = alt.Undefined
    return (
        alt.layer(customers, ring, *labels)
        .add_params(*typed.values())
        .properties(title=chart.title, description=chart.description, height=chart.height)
    )


def classifier(frames: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Collect what the form needs to find the nearest centre of the first segmentation.

    Returns
    -------
    dict
        `features` (name, label, unit, lowest and highest value among the customers) and `segments` in the order of
        their numbers (name, centers and scales in the order of the features, first action).
    """
    if frames["segments"].empty:
        return {"features": [], "segments": []}
    first = frames["segmentations"]["segmentation"][0]
    features = of(frames["segmentation_features"], first)
    statistics = frames["feature_statistics"].set_index("feature")
    profiles = of(frames["segment_profiles"], first).set_index(["segment_id", "feature"])
    names = features["feature"].tolist()
    return {
        "features": [
            {
                "name": row.feature,
                "label": row.label,
                "unit": row.unit,
                "lowest": float(statistics.loc[row.feature, "minimum"]),
                "highest": float(statistics.loc[row.feature, "maximum"]),
            }
            for row in features.itertuples()
        ],
        "axes": frames["segmentations"].loc[0, ["x_feature", "y_feature"]].tolist(),
        "segments": [
            {
                "segment_id": card["segment_id"],
                "segment_name": card["segment_name"],
                "nickname": card["nickname"],
                "color": card["color"],
                "anchor": card["anchor"],
                "centers": [float(profiles.loc[(card["segment_id"], name), "center"]) for name in names],
                "scales": [float(profiles.loc[(card["segment_id"], name), "scale"]) for name in names],
                "action": card["actions"][0]["action"] if card["actions"] else "",
                "offer": card["actions"][0]["offer"] if card["actions"] else "",
            }
            for card in sorted(segment_cards(frames, first), key=lambda card: card["segment_id"])
        ],
    }
