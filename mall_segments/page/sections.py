"""The sections of the page, in reading order: who they are, what changed, what to do, why to believe it."""

from collections.abc import Callable
from typing import Any

import altair as alt
import pandas as pd

from mall_segments.charts import CHARTS
from mall_segments.charts.flows import CAUSES
from mall_segments.charts.neighbors import ways_up
from mall_segments.charts.profiles import z_text
from mall_segments.charts.registry import ANOTHER_VIEW, check_places, of_segmentation, placed_charts
from mall_segments.charts.theme import is_share, with_unit
from mall_segments.numbers import formatted, in_marks, measured, percent, written
from mall_segments.page.linked import segment_anchor, title_of
from mall_segments.page.parts import Figure, Section, Specs, Table
from mall_segments.page.texts import say, texts_of

MAP = CHARTS["segment_map"].name  # the chart that the form's answer is shown on

# What stands open: who they are, what changed, what to do. The rest is evidence, folded.
IN_FRONT = ("segments", "changes", "actions", "campaigns", "upgrades", "list", "classify")
DONE_FIRST = 3  # segments whose first action the first screen names
MOST_TRAITS = 5  # features that a card draws


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
            say("segments.nav"),
            say("segments.title"),
            say("segments.lead"),
            block="cards",
            content={"cards": cards},
        ),
        changes(own),
        Section(
            "actions",
            say("actions.nav"),
            say("actions.title"),
            say("actions.lead"),
            block="plan",
            content={"cards": [card for card in cards if card["actions"]], "top": top_customers(frames, cards[0])},
        ),
        campaigns(own),
        Section("upgrades", say("upgrades.nav"), say("upgrades.title"), say("upgrades.lead")),
        Section("list", say("list.nav"), say("list.title"), say("list.lead"), block="customer_list"),
        Section(
            "classify",
            say("classify.nav"),
            say("classify.title"),
            say("classify.lead"),
            block="form",
            tables=axes_tables(own),
        )
        if not is_ruled
        else Section(
            "classify", say("classify.nav_of_rules"), say("classify.title_of_rules"), say("classify.lead_of_rules")
        ),
        Section("customers", say("customers.nav"), say("customers.title"), say("customers.lead")),
        Section(
            "count",
            say("count.nav"),
            say("count.title", count=len(cards)),
            say("count.lead_of_rules") if is_ruled else say("count.lead"),
            block="votes",
            content={"counts": votes(frames, first.segmentation)},
        ),
        Section(
            "fit",
            say("fit.nav_of_rules") if is_ruled else say("fit.nav"),
            say("fit.title_of_rules") if is_ruled else say("fit.title"),
            say("fit.lead_of_rules") if is_ruled else say("fit.lead"),
        ),
        trust(frames, first),
        Section("profiles", say("profiles.nav"), say("profiles.title"), say("profiles.lead")),
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
        say("trust.nav"),
        say("trust.title_of_rules") if is_ruled else say("trust.title"),
        say("trust.lead_of_rules") if is_ruled else say("trust.lead"),
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
    rows.append([say("classify.axes_share"), *map(percent, map_axes.drop_duplicates("axis")["explained"])])
    return [Table(say("classify.axes"), [say("columns.feature"), say("classify.axis_x"), say("classify.axis_y")], rows)]


def drift(feature_drift: pd.DataFrame) -> Table:
    """Compare today's customers with those the model was trained on."""
    return Table(
        say("trust.drift"),
        [
            say("columns.feature"),
            say("trust.drift_mean_then"),
            say("trust.drift_mean_today"),
            say("trust.drift_index"),
            say("trust.drift_outside"),
            say("columns.verdict"),
        ],
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
    verdicts = {True: say("trust.relied_on"), False: say("trust.chance")}
    return Table(
        say("trust.sure"),
        [
            say("columns.script.segment"),
            say("columns.customers"),
            say("trust.sure_between"),
            say("trust.sure_silhouette"),
            say("trust.sure_found_again"),
            say("trust.sure_value"),
            say("trust.sure_about_equal"),
            say("columns.verdict"),
        ],
        [
            [
                row.segment,
                formatted(row.customers),
                ""
                if pd.isna(row.customers_low)
                else say(
                    "trust.sure_range",
                    low=formatted(row.customers_low, ",.0f"),
                    high=formatted(row.customers_high, ",.0f"),
                ),
                known(row.silhouette, two_decimals),
                known(row.stability, percent),
                known(row.value_index, two_decimals),
                row.about_equal_to or say("trust.sure_no_other"),
                verdicts.get(row.is_reproducible, say("trust.not_known_yet")),
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
        say("trust.fairness"),
        [say("columns.script.segment"), say("trust.fairness_by"), say("columns.in_words")],
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
        say("other_view.overlap"),
        [say("columns.script.segment"), *first["segment"]],
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
    causes = texts_of("changes.causes")
    for cause in CAUSES:
        rows = moves[moves["cause"] == cause].sort_values("customers", ascending=False, kind="stable")
        if len(rows):
            paths = [
                f"{formatted(row.customers)} {movement(row.from_segment_id, row.to_segment_id, names)}"
                for row in rows.itertuples()
            ]
            said.append({"count": formatted(rows["customers"].sum()), "words": causes[cause], "paths": paths})
    lead = say("changes.lead", day=f"{moves['moved_at'].iloc[0]:%Y-%m-%d}") if said else say("changes.lead_of_none")
    return Section(
        "changes", say("changes.nav"), say("changes.title"), lead, block="changes", content={"changes": said}
    )


def movement(former: float | None, latter: float | None, names: pd.Series) -> str:
    """Say where customers went; a segment that does not exist is null, or has no name any more."""
    gone = say("words.segment_gone")
    ends = ["" if pd.isna(end) else names.get(int(end), gone) for end in (former, latter)]
    if all(ends):
        return say("changes.from_to", former=ends[0], latter=ends[1])
    return say("changes.only_from", former=ends[0]) if ends[0] else say("changes.only_to", latter=ends[1])


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
                say("campaigns.brought"),
                [say("campaigns.campaign"), say("columns.verdict"), say("columns.in_words")],
                [[row.campaign.replace("_", " "), row.verdict, row.reading] for row in whole.itertuples()],
                is_wide=True,
            )
        )
    if len(ahead):
        tables.append(
            Table(
                say("campaigns.planned"),
                [
                    say("campaigns.campaign"),
                    say("campaigns.from"),
                    say("campaigns.to"),
                    say("campaigns.contacts"),
                    say("campaigns.held_out"),
                    say("campaigns.cost"),
                    say("columns.in_words"),
                ],
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
    lead = say("campaigns.lead")
    return Section(
        "campaigns",
        say("campaigns.nav"),
        say("campaigns.title"),
        say("campaigns.lead_of_simulated", lead=lead) if is_simulated else lead,
        tables=tables,
    )


def other_segmentation(frames: dict[str, pd.DataFrame], specs: Specs, segmentation: Any) -> Section:
    """Make the section of a segmentation that is not the first."""
    name = segmentation.segmentation
    return Section(
        name.replace("_", "-"),
        entry(segmentation),
        say("other_view.title", title=f"{segmentation.title[0].lower()}{segmentation.title[1:]}"),
        say("other_view.lead_of_rules") if is_by_rules(segmentation.is_natural) else say("other_view.lead"),
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
    return say("other_view.nav_of_rules", name=title) if is_by_rules(segmentation.is_natural) else title


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
        return say("page.no_customers")
    if frames["segments"].empty:
        return say("page.too_few_customers", count=formatted(n_customers))
    first = frames["segmentations"].iloc[0]
    segments = of(frames["segments"], first["segmentation"])
    best, largest = segments.iloc[0], segments.loc[segments["customers"].idxmax()]
    known = {
        "title": f"{first['title'][0].lower()}{first['title'][1:]}",
        "count": formatted(n_customers),
        "segments": len(segments),
        "best": best["segment"],
        "share": percent(best["share"]),
    }
    if best["segment_id"] == largest["segment_id"]:
        found = say("page.summary_best_is_largest", **known)
    else:
        found = say("page.summary", **known, largest=largest["segment"], largest_share=percent(largest["share"]))
    if is_by_rules(first["is_natural"]):
        return say("page.summary_of_rules", summary=found)
    return found if first["is_natural"] else say("page.summary_of_bands", summary=found)


def facts(frames: dict[str, pd.DataFrame]) -> list[str]:
    """Say of what day and model the page is, and whether the build had doubts."""
    segmentations, doubts = frames["segmentations"], len(frames["doubts"])
    versions = segmentations.dropna(subset="model_version")
    models = [f"{row.segmentation.replace('_', ' ')} {row.model_version:.0f}" for row in versions.itertuples()]
    said = []
    if segmentations["as_of"].notna().any():
        said.append(say("page.as_of", day=f"{segmentations['as_of'].iloc[0]:%Y-%m-%d}"))
    if models:
        named = ", ".join(models)
        several = len(models) > 1
        said.append(say("page.model_versions", models=named) if several else say("page.model_version", models=named))
    said.append(say("page.source", source=frames["totals"]["source"][0]))
    if doubts:
        said.append(say("page.warnings", count=doubts) if doubts > 1 else say("page.warnings_one", count=doubts))
    else:
        said.append(say("page.no_warnings"))
    return said


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
    numbers = [{"value": formatted(totals["customers"]), "unit": "", "label": say("page.customers")}]
    if frames["segments"].empty:
        return numbers
    first = frames["segmentations"]["segmentation"][0]
    segments = of(frames["segments"], first)
    best = segments.iloc[0]
    numbers += [
        {"value": str(len(segments)), "unit": "", "label": say("page.segments")},
        {"value": percent(best["share"]), "unit": "", "label": say("page.share_of_best", segment=best["segment"])},
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
                "label": say("page.mean", feature=row.label),
            }
        )
    rows = totals["source_rows"] + totals["purchase_rows"]
    unused = totals["rejected_rows"] + totals["purchase_rows"] - totals["used_purchase_rows"]
    rejected = unused / rows if rows else 0
    usable = f"{1 - rejected:.0%}" if rejected < 0.995 else "0%"
    return [*numbers, {"value": usable, "unit": "", "label": say("page.rows_usable")}]


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
        "figures": say("words.script.and").join(
            labels[feature] for feature in frames["top_customers"]["feature"].dropna().unique()
        ),
        "customers": [{"customer_id": id_, "figures": ", ".join(known)} for id_, known in customers.items()],
    }


def data_quality(frames: dict[str, pd.DataFrame]) -> Section:
    """Make the section that says what became of every source row and every missing figure."""
    totals = frames["totals"].iloc[0]
    sources = [
        (
            False,
            say("quality.source_rows"),
            say("quality.source_rows_used"),
            totals["customers"],
            say("quality.source_rows_all"),
            totals["source_rows"],
        ),
        (
            True,
            say("quality.purchases"),
            say("quality.purchases_used"),
            totals["used_purchase_rows"],
            say("quality.purchases_all"),
            totals["purchase_rows"],
        ),
    ]
    tables = [
        *(
            Table(
                caption,
                [say("quality.became"), say("quality.rows")],
                [
                    [used, formatted(n_used)],
                    *(
                        [say("quality.rejected", reason=row.rejection_reason), formatted(row.source_rows)]
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
            say("quality.features"),
            [
                say("columns.feature"),
                say("quality.imputed"),
                say("quality.mean"),
                say("quality.median"),
                say("quality.lowest"),
                say("quality.highest"),
            ],
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
    missing = say("quality.missing", count=formatted(imputed)) if imputed else say("quality.missing_none")
    becomes = [
        *([say("quality.becomes_customer")] if totals["source_rows"] else []),
        *([say("quality.becomes_purchase")] if totals["purchase_rows"] else []),
    ]
    return Section(
        "quality",
        say("quality.nav"),
        say("quality.title"),
        say("quality.lead", becomes=say("words.or").join(becomes), missing=missing),
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
        here.mark_text(style=style, dy=-20, fontWeight=700).encode(text=alt.value(say("classify.typed")))
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
