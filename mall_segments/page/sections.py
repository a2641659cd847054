"""The sections of the page, in reading order: who they are, what changed, what to do, why to believe it."""

from collections.abc import Callable
from typing import Any

import altair as alt
import pandas as pd

from mall_segments.charts import CHARTS
from mall_segments.charts.neighbors import ways_up
from mall_segments.charts.profiles import z_text
from mall_segments.charts.registry import ANOTHER_VIEW, check_places, of_segmentation, placed_charts
from mall_segments.charts.theme import is_share, with_unit
from mall_segments.numbers import formatted, in_marks, measured, percent, written
from mall_segments.page.linked import GONE, segment_anchor, title_of
from mall_segments.page.parts import Figure, Section, Specs, Table

MAP = CHARTS["segment_map"].name  # the chart that the form's answer is shown on

# What stands open: who they are, what changed, what to do. The rest is evidence, folded.
IN_FRONT = ("segments", "changes", "actions", "campaigns", "upgrades", "list", "classify")
DONE_FIRST = 3  # segments whose first action the first screen names
MOST_TRAITS = 5  # features that a card draws

# What the page says of segments that a rule makes, where it says other things of those that were found.
COUNT_LEADS = {
    False: "Gaps between customers decide how many segments there are; other criteria speak for it or against.",
    True: "A rule makes these segments from scores; how many customers a segment has is for the data to say.",
}
FIT_LEADS = {
    False: "From the middle of a segment to its border. Customers near a border could go either way: the actions of "
    "either segment may fit them.",
    True: "How many customers the rule puts into each segment.",
}
TRUST_LEADS = {
    False: "Other algorithms, with parameters that a rule reads off the data, looked at the same customers.",
    True: "The rule is the same for everyone. Its cut points are those of the customers of one day, so look whether "
    "today's are still like them.",
}
OTHER_VIEW_LEADS = {
    False: "The same customers, segmented by more of what is known about them. A color stands for the same kind of "
    "segment as above.",
    True: "The same customers, in groups that a rule makes from scores.",
}

# What a cause of `segment_migrations` says of so many customers.
CAUSES = {
    "customer joined": "joined",
    "customer left": "left",
    "customer changed": "moved because their own figures changed",
    "model changed": "moved because the model changed, and not their figures",
    "customer and model changed": "moved because their figures and the model changed, and it took both",
    "filling changed": "moved because the model fills in another value for one that is not known",
}
# What `is_reproducible` says to a reader.
RELIANCE = {True: "can be relied on", False: "may be chance: refits find other customers"}


def page_sections(frames: dict[str, pd.DataFrame], specs: Specs) -> list[Section]:
    """Make the sections of the page in reading order: who they are, what changed, what to do, why to believe it."""
    if frames["segments"].empty:
        has_rows = frames["totals"][["source_rows", "purchase_rows"]].any(axis=None)
        return [data_quality(frames)] if has_rows else []
    first, *others = frames["segmentations"].itertuples()
    own = of_segmentation(frames, first.segmentation)
    cards = segment_cards(frames, first.segmentation)
    is_ruled = is_by_rules(first.is_natural)
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
        changes(own),
        Section(
            "actions",
            "What to do",
            "What to do first",
            "The first action for each segment. Every segment's card lists the rest of its plan.",
            block="plan",
            content={"cards": [card for card in cards if card["actions"]], "top": top_customers(frames, cards[0])},
        ),
        campaigns(own),
        Section(
            "upgrades",
            "Who could move up",
            "Who could move up, and by what",
            "The least change of one figure that takes a customer into a segment that is worth more. Figures that the "
            "project says no campaign can change stay as they are.",
        ),
        Section(
            "list",
            "Customers",
            "Find customers",
            "Choose a segment above, on a card or in a chart to see who is in it. Click a heading to sort.",
            block="customer_list",
        ),
        Section(
            "classify",
            "Try a customer",
            "Which segment is this customer?",
            "Type a customer's figures to see the segment, how sure the answer is, and what to do first. Leave what is "
            "not known empty.",
            block="form",
            tables=axes_tables(own),
        )
        if not is_ruled
        else Section(
            "classify",
            "The map",
            "Where the segments lie",
            "The customers over two of the features that the scores are made of.",
        ),
        Section(
            "customers",
            "The data",
            "First the data, before any model",
            "What the clusters have to explain: how the customers spread before anyone sorted them.",
        ),
        Section(
            "count",
            "How many",
            f"Why {len(cards)} segments",
            COUNT_LEADS[is_ruled],
            block="votes",
            content={"counts": votes(frames, first.segmentation)},
        ),
        Section(
            "fit",
            "How large" if is_ruled else "How clear",
            "How large the segments are" if is_ruled else "How clear the segments are",
            FIT_LEADS[is_ruled],
        ),
        trust(frames, first),
        Section(
            "profiles",
            "Profiles",
            "What sets each segment apart",
            "Read a row to learn about a segment, a column to compare all of them.",
        ),
        data_quality(frames),
    ]
    check_places({section.key for section in sections} | {ANOTHER_VIEW})
    for section in sections:
        section.figures = figures(section.key, own, specs)
    views = [
        other_segmentation(frames, specs, each) for each in others if len(of(frames["segments"], each.segmentation))
    ]
    sections[-1:-1] = views
    shown = [section for section in sections if section.figures or section.tables or section.block]
    for section in shown:
        section.is_evidence = section.key not in IN_FRONT
    return shown


def figures(place: str, own: dict[str, pd.DataFrame], specs: Specs, prefix: str = "") -> list[Figure]:
    """Draw the charts that a section is the place of, from the frames of one segmentation."""
    drawn = []
    for where, declared in placed_charts(place):
        for name, spec in specs.drawings.specs(declared, own).items():
            has_form = (place, name) == ("classify", MAP) and not is_by_rules(own["segmentations"].loc[0, "is_natural"])
            if has_form:
                chart = specs.drawings.charts(declared, own)[name]
                spec = with_typed_customer(chart, own).to_dict(validate=False)  # noqa: PLW2901
            segmentation = own["segmentations"].loc[0, "segmentation"]
            drawn.append(specs.figure(f"{prefix}{name}", spec, where.is_wide, segmentation))
    return drawn


def is_by_rules(is_natural: Any) -> bool:
    """Whether a rule made the segments, so that nobody asks whether they are natural."""
    return bool(pd.isna(is_natural))


def trust(frames: dict[str, pd.DataFrame], segmentation: Any) -> Section:
    """Make the section that says how far segments and model can be trusted, and what other algorithms see."""
    is_ruled = is_by_rules(segmentation.is_natural)
    segments = of(frames["segments"], segmentation.segmentation)
    tables = [
        *([] if is_ruled else [reliability(segments)]),
        drift(of(frames["feature_drift"], segmentation.segmentation)),
        fairness(of(frames["segment_fairness"], segmentation.segmentation), segments),
    ]
    return Section(
        "trust",
        "Can we trust it",
        "Does it still hold?" if is_ruled else "Would another method say the same, and does it still hold?",
        TRUST_LEADS[is_ruled],
        tables=[table for table in tables if table.rows],
    )


def axes_tables(own: dict[str, pd.DataFrame]) -> list[Table]:
    """List how far each axis of a projected map follows each feature, and how much of the differences it shows."""
    map_axes = own["map_axes"]
    if map_axes.empty:
        return []
    axes = map_axes.pivot(index="dimension", columns="axis", values="loading")
    named = map_axes.drop_duplicates("dimension").set_index("dimension")
    rows = [
        [f"{row.label} {row.level}".strip(), *(formatted(loading, "+.2f") for loading in axes.loc[row.Index])]
        for row in named.itertuples()
    ]
    rows.append(["Share of how customers differ", *map(percent, map_axes.drop_duplicates("axis")["explained"])])
    return [Table("What the axes of the map are made of", ["Feature", "To the right", "Upwards"], rows)]


def drift(feature_drift: pd.DataFrame) -> Table:
    """Compare today's customers with those the model was trained on."""
    return Table(
        "Today's customers against those the model was trained on",
        ["Feature", "Mean then", "Mean today", "Stability index", "Out of range", "Verdict"],
        [
            [
                row.label,
                known(row.training_mean, four_digits),
                known(row.mean, four_digits),
                known(row.stability_index, two_decimals),
                known(row.share_outside_training_range, percent),
                row.reading.partition(":")[0],
            ]
            for row in feature_drift.itertuples()
        ],
    )


def reliability(segments: pd.DataFrame) -> Table:
    """Say of each segment how sure its size, its place by value and the segment itself are."""
    return Table(
        "How sure each segment is",
        [
            "Segment",
            "Customers",
            "Likely between",
            "Silhouette",
            "Found again",
            "Value",
            "About equal in value",
            "Verdict",
        ],
        [
            [
                row.segment,
                formatted(row.customers),
                ""
                if pd.isna(row.customers_low)
                else f"{formatted(row.customers_low, ',.0f')} and {formatted(row.customers_high, ',.0f')}",
                known(row.silhouette, two_decimals),
                known(row.stability, percent),
                known(row.value_index, two_decimals),
                row.about_equal_to or "no other",
                RELIANCE.get(row.is_reproducible, "not known yet"),
            ]
            for row in segments.itertuples()
        ],
        segments=[segment_anchor(row.segmentation, row.segment_id) for row in segments.itertuples()],
    )


def fairness(segment_fairness: pd.DataFrame, segments: pd.DataFrame) -> Table:
    """Say whom a segment leaves out, by each attribute that the project looks at; the least even first."""
    of_segments = segment_fairness[segment_fairness["audience_kind"] == "segment"]
    rows = of_segments.sort_values("relative_difference", ascending=False, kind="stable")
    rows = rows.drop_duplicates(["audience", "attribute"]).merge(
        segments[["segment_id", "segment_name", "segment"]], left_on="audience", right_on="segment_name"
    )
    return Table(
        "Whom a segment leaves out",
        ["Segment", "By", "In words"],
        [[row.segment, row.attribute.replace("_", " "), row.reading] for row in rows.itertuples()],
        is_wide=True,
        segments=[segment_anchor(row.segmentation, row.segment_id) for row in rows.itertuples()],
    )


def overlap(customers: pd.DataFrame, own: pd.DataFrame, first: pd.DataFrame) -> Table:
    """Say who the customers of each segment are in the first segmentation.

    Parameters
    ----------
    customers : DataFrame, one row per customer
        As `marts.customers`, or a sample of it.
    own, first : DataFrame, one row per segment
        The segments of this segmentation, and of the first.
    """
    names = [f"{segments['segmentation'].iloc[0]}_segment_id" for segments in (own, first)]
    shares = pd.crosstab(customers[names[0]], customers[names[1]], normalize="index")
    shares = shares.reindex(index=own["segment_id"], columns=first["segment_id"]).fillna(0)
    return Table(
        "Who they are in the first view",
        ["Segment", *first["segment"]],
        [[name, *map(percent, row)] for name, row in zip(own["segment"], shares.to_numpy(), strict=True)],
        is_wide=True,
        segments=[segment_anchor(row.segmentation, row.segment_id) for row in own.itertuples()],
    )


def changes(own: dict[str, pd.DataFrame]) -> Section:
    """Make the section that says who joined, left and moved when customers were last seen to, and why.

    Builds are told by their number, since the clock may have been set back. The last build need not have seen a change.
    """
    moves = own["segment_migrations"]
    moves = moves[moves["build_number"] == moves["build_number"].max()]
    names = own["segments"].set_index("segment_id")["segment"]
    said = []
    for cause, words in CAUSES.items():
        rows = moves[moves["cause"] == cause].sort_values("customers", ascending=False, kind="stable")
        if len(rows):
            paths = [
                f"{formatted(row.customers)} {movement(row.from_segment_id, row.to_segment_id, names)}"
                for row in rows.itertuples()
            ]
            said.append({"count": formatted(rows["customers"].sum()), "words": words, "paths": paths})
    if said:
        lead = f"Seen on {moves['moved_at'].iloc[0]:%Y-%m-%d}, against the build before that; nothing since."
    else:
        lead = "Nobody has joined, left or moved since the first build. What changes will stand here."
    return Section("changes", "What changed", "What changed last", lead, block="changes", content={"changes": said})


def movement(former: float | None, latter: float | None, names: pd.Series) -> str:
    """Say where customers went; a segment that does not exist is null, or has no name any more."""
    ends = ["" if pd.isna(end) else names.get(int(end), GONE) for end in (former, latter)]
    if all(ends):
        return f"from {ends[0]} to {ends[1]}"
    return f"from {ends[0]}" if ends[0] else f"to {ends[1]}"


def campaigns(own: dict[str, pd.DataFrame]) -> Section:
    """Make the section of what campaigns brought and what the next could show; without campaigns it stays empty."""
    results, plan = own["campaign_results"], own["campaign_plan"]
    whole = results[results["is_overall"]]
    ahead = plan[plan["is_overall"] & (plan["status"] == "planned")]
    is_simulated = bool(plan["is_simulated"].any())
    tables = []
    if len(whole):
        tables.append(
            Table(
                "What campaigns brought",
                ["Campaign", "Verdict", "In words"],
                [[row.campaign.replace("_", " "), row.verdict, row.reading] for row in whole.itertuples()],
                is_wide=True,
            )
        )
    if len(ahead):
        tables.append(
            Table(
                "What is planned",
                ["Campaign", "From", "To", "Contacts", "Held out", "Cost", "In words"],
                [
                    [
                        row.campaign.replace("_", " "),
                        f"{row.starts_on:%Y-%m-%d}",
                        f"{row.ends_on:%Y-%m-%d}",
                        formatted(row.treatment),
                        formatted(row.holdout),
                        formatted(row.expected_cost, ",.0f"),
                        row.reading,
                    ]
                    for row in ahead.itertuples()
                ],
            )
        )
    return Section(
        "campaigns",
        "Campaigns",
        "Do campaigns work?",
        ("Simulated data: nobody ran these campaigns. " if is_simulated else "")
        + "A part of each segment is held out, and what it does is what would have happened anyway.",
        tables=tables,
    )


def other_segmentation(frames: dict[str, pd.DataFrame], specs: Specs, segmentation: Any) -> Section:
    """Make the section of a segmentation that is not the first."""
    name = segmentation.segmentation
    return Section(
        name.replace("_", "-"),
        entry(segmentation),
        f"Another view: {segmentation.title[0].lower()}{segmentation.title[1:]}",
        OTHER_VIEW_LEADS[is_by_rules(segmentation.is_natural)],
        figures=figures(ANOTHER_VIEW, of_segmentation(frames, name), specs, prefix=f"{name}-"),
        tables=[
            *axes_tables(of_segmentation(frames, name)),
            overlap(
                frames["customers"],
                of(frames["segments"], name),
                of(frames["segments"], frames["segmentations"]["segmentation"].iloc[0]),
            ),
        ],
        block="second_view",
        content={
            "cards": segment_cards(frames, name),
            "counts": votes(frames, name),
        },
    )


def entry(segmentation: Any) -> str:
    """Name a segmentation that is not the first in the navigation."""
    title = title_of(segmentation.segmentation)
    return f"By rule: {title}" if is_by_rules(segmentation.is_natural) else title


def of(frame: pd.DataFrame, segmentation: str) -> pd.DataFrame:
    """Return the rows of one segmentation."""
    return frame[frame["segmentation"] == segmentation]


def four_digits(value: float) -> str:
    """Write a figure of a table."""
    return written(value, 4)


def two_decimals(value: float) -> str:
    """Write an index of a table."""
    return formatted(value, ".2f")


def known(value: float | None, written: Callable[[float], str]) -> str:
    """Write a figure; one that is not known is left empty."""
    return "" if pd.isna(value) else written(value)


def summary(frames: dict[str, pd.DataFrame]) -> str:
    """Say in two sentences what the first segmentation found."""
    n_customers = frames["totals"]["customers"][0]
    if n_customers == 0:
        return "There are no customers yet. Load some and build again."
    if frames["segments"].empty:
        return (
            f"Too few different customers to find segments among: {formatted(n_customers)}. Load more and build again."
        )
    first = frames["segmentations"].iloc[0]
    segments = of(frames["segments"], first["segmentation"])
    best, largest = segments.iloc[0], segments.loc[segments["customers"].idxmax()]
    title = f"{first['title'][0].lower()}{first['title'][1:]}"
    found = (
        f"By {title}, {formatted(n_customers)} customers fall into {len(segments)} segments. "
        f"The most valuable, {best['segment']}, holds {percent(best['share'])} of them"
    )
    if best["segment_id"] == largest["segment_id"]:
        found = f"{found} and is also the largest."
    else:
        found = f"{found}; the largest, {largest['segment']}, {percent(largest['share'])}."
    if is_by_rules(first["is_natural"]):
        return f"{found} A rule makes them from scores."
    return found if first["is_natural"] else f"{found} They are bands of customers: the data show no natural groups."


def facts(frames: dict[str, pd.DataFrame]) -> list[str]:
    """Say of what day and model the page is, and whether the build had doubts."""
    segmentations, doubts = frames["segmentations"], len(frames["doubts"])
    versions = segmentations.dropna(subset="model_version")
    models = [f"{row.segmentation.replace('_', ' ')} {row.model_version:.0f}" for row in versions.itertuples()]
    said = [f"As of {segmentations['as_of'].iloc[0]:%Y-%m-%d}"] if segmentations["as_of"].notna().any() else []
    if models:
        said.append(f"model version{'s' if len(models) > 1 else ''}: {', '.join(models)}")
    return [
        *said,
        f"source: {frames['totals']['source'][0]}",
        f"{doubts} warning{'s' if doubts > 1 else ''} of the build" if doubts else "no warnings of the build",
    ]


def answers(frames: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Answer what the first screen is asked: who they are, what changed since last time, what to do now."""
    if frames["segments"].empty:
        return {}
    first = frames["segmentations"]["segmentation"][0]
    cards = segment_cards(frames, first)
    changed = changes(of_segmentation(frames, first))
    return {
        "who": cards,
        "changed": changed.content["changes"],
        "when": changed.lead,
        "actions": [card for card in cards if card["actions"]][:DONE_FIRST],
    }


def headlines(frames: dict[str, pd.DataFrame]) -> list[dict[str, str]]:
    """Pick the numbers at the top of the page: value, unit and what they are."""
    totals = frames["totals"].iloc[0]
    numbers = [{"value": formatted(totals["customers"]), "unit": "", "label": "customers"}]
    if frames["segments"].empty:
        return numbers
    first = frames["segmentations"]["segmentation"][0]
    segments = of(frames["segments"], first)
    best = segments.iloc[0]
    numbers += [
        {"value": str(len(segments)), "unit": "", "label": "segments"},
        {"value": percent(best["share"]), "unit": "", "label": f"are {best['segment']}"},
    ]
    fields = of(frames["form_fields"], first)
    for row in fields[~fields["is_category"].astype(bool)].head(2).itertuples():
        number = written(row.mean)
        said = measured(number, row.unit)
        is_behind = said == f"{number} {row.unit}"
        numbers.append(
            {
                "value": number if is_behind else said,
                "unit": row.unit if is_behind else "",
                "label": f"mean {row.label}",
            }
        )
    rows = totals["source_rows"] + totals["purchase_rows"]
    unused = totals["rejected_rows"] + totals["purchase_rows"] - totals["used_purchase_rows"]
    rejected = unused / rows if rows else 0
    numbers.append({"value": f"{1 - rejected:.0%}" if rejected < 0.995 else "0%", "unit": "", "label": "rows usable"})
    return numbers


def segment_cards(frames: dict[str, pd.DataFrame], segmentation: str) -> list[dict[str, Any]]:
    """Say of each segment, most valuable first, who it is, how it differs and what to do about it."""
    actions = of(frames["segment_marketing_actions"], segmentation)
    actions = actions.assign(kpi=actions["kpi"].map(in_marks))
    cells = of(frames["profile_cells"], segmentation).dropna(subset=["z_score"])
    upgrades = ways_up(of(frames["segment_upgrades"], segmentation), frames["feature_figures"])
    return [
        segment
        | {
            "anchor": segment_anchor(segmentation, segment["segment_id"]),
            "actions": actions[actions["segment_id"] == segment["segment_id"]].to_dict("records"),
            "upgrades": upgrades.loc[upgrades["segment_id"] == segment["segment_id"], "said"].tolist(),
            "traits": traits(cells[cells["segment_id"] == segment["segment_id"]]),
        }
        for segment in of(frames["segments"], segmentation).to_dict("records")
    ]


def traits(cells: pd.DataFrame) -> list[dict[str, Any]]:
    """Say how a segment differs from everyone, most first; a bar is full at two standard deviations."""
    strongest = cells.assign(strength=cells["z_score"].abs()).sort_values("strength", ascending=False, kind="stable")
    return [
        {
            "label": row.label,
            "mean": percent(row.mean) if is_share(row.label, row.unit) else measured(written(row.mean), row.unit),
            "score": z_text(row.z_score),
            "side": "above" if row.z_score > 0 else "below",
            "width": round(50 * min(row.strength / 2, 1), 1),
        }
        for row in strongest.head(MOST_TRAITS).itertuples()
    ]


def votes(frames: dict[str, pd.DataFrame], segmentation: str) -> dict[str, Any]:
    """Collect the reason for the number of segments, the doubts about the model, and what each criterion voted."""
    chosen = of(frames["segmentations"], segmentation).iloc[0]
    return {
        "reason": chosen["reason"],
        "doubts": of(frames["doubts"], segmentation)["doubt"].tolist(),
        "n_clusters": int(chosen["n_clusters"]),
        "votes": [
            {"name": row.label, "vote": int(row.vote)}
            for row in of(frames["criterion_votes"], segmentation).itertuples()
        ],
    }


def top_customers(frames: dict[str, pd.DataFrame], best: dict[str, Any]) -> dict[str, Any]:
    """Name the customers of the most valuable segment, with their figures."""
    customers: dict[str, list[str]] = {}
    for row in frames["top_customers"].itertuples():
        known = customers.setdefault(row.customer_id, [])
        if pd.notna(row.feature):
            known.append(measured(written(row.value, 4), row.unit))
    labels = frames["feature_figures"].set_index("feature")["label"]
    return {
        "segment": best,
        "figures": " and ".join(labels[feature] for feature in frames["top_customers"]["feature"].dropna().unique()),
        "customers": [{"customer_id": id_, "figures": ", ".join(known)} for id_, known in customers.items()],
    }


def data_quality(frames: dict[str, pd.DataFrame]) -> Section:
    """Make the section that says what became of every source row and every missing figure."""
    totals = frames["totals"].iloc[0]
    sources = [
        (False, "Source rows", "Customers", totals["customers"], "All source rows", totals["source_rows"]),
        (True, "Purchases", "Used", totals["used_purchase_rows"], "All rows of purchases", totals["purchase_rows"]),
    ]
    tables = [
        *(
            Table(
                caption,
                ["What became of them", "Rows"],
                [
                    [used, formatted(n_used)],
                    *(
                        [f"Rejected: {row.rejection_reason}", formatted(row.source_rows)]
                        for row in frames["rejections"].itertuples()
                        if row.is_purchase == is_purchase
                    ),
                    [everything, formatted(n_rows)],
                ],
            )
            for is_purchase, caption, used, n_used, everything, n_rows in sources
            if n_rows
        ),
        Table(
            "Features",
            ["Feature", "Imputed", "Mean", "Median", "Lowest", "Highest"],
            [
                [
                    with_unit(row.label, row.unit),
                    formatted(row.missing_count),
                    *(
                        known(value, percent if is_share(row.label, row.unit) else four_digits)
                        for value in (row.mean, row.median, row.minimum, row.maximum)
                    ),
                ]
                for row in frames["feature_figures"].itertuples()
            ],
        ),
    ]
    imputed = totals["imputed_customers"]
    missing = (
        f"Customers that miss a feature: {formatted(imputed)}. "
        "What the model fills in stands for it when they are scored."
        if imputed
        else "No customer misses a feature."
    )
    becomes = " or ".join(
        words for words, rows in (("a customer", "source_rows"), ("a used purchase", "purchase_rows")) if totals[rows]
    )
    return Section(
        "quality",
        "Data quality",
        "What the data was like",
        f"Every source row is {becomes} or is rejected with a reason. {missing}",
        tables=tables,
        block="quality",
        content={"doubts": of(frames["doubts"], "")["doubt"].tolist()},
    )


def with_typed_customer(chart: alt.LayerChart, own: dict[str, pd.DataFrame]) -> alt.LayerChart:
    """Add a mark to the segment map that the page moves to the customer typed into its form."""
    # Before anything is typed the mark waits unseen in the middle, so that it does not stretch the axes.
    if own["map_axes"].empty:
        features = own["segmentations"].loc[0, ["x_feature", "y_feature"]]
        middles = own["feature_figures"].set_index("feature")["mean"][features].to_dict()
    else:
        middles = {"x": 0.0, "y": 0.0}
    fields = dict(zip(("x", "y"), middles, strict=True))
    typed = {axis: alt.param(name=f"typed_{axis}", value=None) for axis in fields}
    here = (
        alt.Chart(alt.InlineData([{}]))
        .transform_calculate(
            **{
                field: f"isValid(typed_{axis}) ? typed_{axis} : {float(middles[field])!r}"
                for axis, field in fields.items()
            }
        )
        .encode(
            chart.layer[0].encoding.x.copy(),
            chart.layer[0].encoding.y.copy(),
            opacity=alt.when("isValid(typed_x) && isValid(typed_y)").then(alt.value(1)).otherwise(alt.value(0)),
        )
    )
    ring = here.mark_point(style="chosen", size=420, filled=False, strokeWidth=3)
    labels = [
        here.mark_text(style=style, dy=-20, fontWeight=700).encode(text=alt.value("Typed"))
        for style in ("halo", "label")
    ]
    customers = chart.copy()
    customers.title = customers.description = customers.config = alt.Undefined
    return (
        alt.layer(customers, ring, *labels)
        .add_params(*typed.values())
        .properties(title=chart.title, description=chart.description, height=chart.height)
    )


def form_axes(frames: dict[str, pd.DataFrame], segmentation: str) -> list[Any]:
    """Say what the axes of the map are: a feature each, null where there is none, or the dimensions of a projection."""
    projected = of(frames["map_axes"], segmentation)
    if projected.empty:
        axes = frames["segmentations"].loc[0, ["x_feature", "y_feature"]]
        return [axis if pd.notna(axis) else None for axis in axes]
    columns = ["feature", "level", "fill_value", "low_fence", "high_fence", "transform", "mean", "scale", "loading"]
    known = projected[columns].astype(object).where(projected[columns].notna(), None)
    return [rows.to_dict("records") for _, rows in known.groupby(projected["axis"])]


def classifier(frames: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Collect what the form needs to find the nearest center of the first segmentation.

    Returns
    -------
    dict
        `features` (name, label, unit; levels of a category, else lowest and highest value among the customers, the
        range that loading accepts, null where it has no end, and what stands in for a value that is not known),
        `map` and `axes`, and `segments` in the order of their numbers (name, first
        action and `centers`: the rows of the model, with all that turns a value into a coordinate). Empty where a rule
        makes the segments: the page has no form then.
    """
    if frames["segments"].empty or is_by_rules(frames["segmentations"].loc[0, "is_natural"]):
        return {"features": [], "segments": []}
    first = frames["segmentations"]["segmentation"][0]
    centers = of(frames["form_centers"], first)
    columns = ["feature", "level", "fill_value", "low_fence", "high_fence", "transform", "scale", "center"]
    limits = centers.drop_duplicates("feature").set_index("feature")[["valid_min", "valid_max", "fill_value"]]
    limits = limits.astype(object).where(limits.notna(), None)
    return {
        "features": [
            {"name": row.feature, "label": row.label, "unit": row.unit}
            | (
                {"levels": centers.loc[centers["feature"] == row.feature, "level"].unique().tolist()}
                if row.is_category
                else {"lowest": float(row.lowest), "highest": float(row.highest)} | limits.loc[row.feature].to_dict()
            )
            for row in of(frames["form_fields"], first).itertuples()
        ],
        "map": f"{MAP}-0",
        "axes": form_axes(frames, first),
        "segments": [
            {
                "segment_id": card["segment_id"],
                "segment_name": card["segment_name"],
                "called": card["segment"],
                "color": card["color"],
                "anchor": card["anchor"],
                "centers": centers.loc[centers["segment_id"] == card["segment_id"], columns].to_dict("records"),
                "action": card["actions"][0]["action"] if card["actions"] else "",
                "offer": card["actions"][0]["offer"] if card["actions"] else "",
            }
            for card in sorted(segment_cards(frames, first), key=lambda card: card["segment_id"])
        ],
    }
