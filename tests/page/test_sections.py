"""What the sections of the page say, on tables small enough to read."""

import copy
import re

import altair as alt
import numpy as np
import pandas as pd
import pytest

from mall_segments.charts.registry import Drawings
from mall_segments.page.glossary import explained
from mall_segments.page.parts import Specs, with_highlight
from mall_segments.page.sections import (
    answers,
    axes_tables,
    campaigns,
    changes,
    classifier,
    data_quality,
    drift,
    entry,
    facts,
    fairness,
    form_axes,
    headlines,
    movement,
    overlap,
    reliability,
    segment_cards,
    summary,
    top_customers,
    votes,
)


def test_segments_are_told_with_what_is_known_of_how_sure_they_are():
    columns = ["segment", "customers", "customers_low", "customers_high", "silhouette", "stability", "value_index"]
    segments = pd.DataFrame(
        [
            ["VIP", 1234, 1100.4, 1300.6, 0.456, 0.904, 1.204, "Core", True],
            ["Core", 20, 15.0, 25.0, 0.2, 0.5, 0.5, "", False],
            ["New", 3, np.nan, np.nan, np.nan, np.nan, np.nan, "", None],
        ],
        columns=[*columns, "about_equal_to", "is_reproducible"],
    ).assign(segmentation="worth", segment_id=[3, 1, 2])
    assert reliability(segments).segments == ["worth-3", "worth-1", "worth-2"]
    chance = "may be chance: refits find other customers"
    assert reliability(segments).rows == [
        ["VIP", "1,234", "1,100 and 1,301", "0.46", "90%", "1.20", "Core", "can be relied on"],
        ["Core", "20", "15 and 25", "0.20", "50%", "0.50", "no other", chance],
        ["New", "3", "", "", "", "", "no other", "not known yet"],
    ]


def test_the_least_even_segments_come_first_each_once_per_attribute():
    segment_fairness = pd.DataFrame(
        [
            ("segment", "Rich", "gender", "men", 0.2, "Within the limit."),
            ("segment", "Rich", "age_band", "young", 0.9, "Uneven."),
            ("segment", "Rich", "age_band", "old", 0.9, "Uneven."),
            ("segment", "Rest", "gender", "men", 0.5, "Chance may explain it."),
            ("action", "Call them.", "gender", "men", 1.0, "Uneven."),
        ],
        columns=["audience_kind", "audience", "attribute", "group_name", "relative_difference", "reading"],
    ).assign(segmentation="worth")
    segments = pd.DataFrame({"segment_id": [2, 1], "segment_name": ["Rich", "Rest"], "segment": ["VIP", "Core"]})
    table = fairness(segment_fairness, segments)
    assert table.rows == [
        ["VIP", "age band", "Uneven."],
        ["Core", "gender", "Chance may explain it."],
        ["VIP", "gender", "Within the limit."],
    ]
    assert table.segments == ["worth-2", "worth-1", "worth-2"]
    assert fairness(segment_fairness.head(0), segments).rows == []


def test_a_chart_can_fade_the_marks_of_other_segments_and_its_picture_stays():
    colored = {"mark": {"type": "bar"}, "encoding": {"color": {"field": "segment"}, "x": {"field": "customers"}}}
    own_opacity = {"condition": [{"test": "highlight === null", "value": 1}], "value": 0.1}
    chart = {
        "layer": [
            colored,
            {"mark": {"type": "text"}, "encoding": {"text": {"field": "segment"}, "opacity": own_opacity}},
            {"layer": [{"mark": {"type": "rule"}, "encoding": {"x": {"field": "mean"}}}]},
        ]
    }
    before = copy.deepcopy(chart)
    shown = with_highlight(chart)
    assert chart == before
    assert shown["params"] == [{"name": "highlight", "value": None}]
    bars, names, rule = shown["layer"]
    assert bars["encoding"]["opacity"] == {
        "condition": {"test": "highlight !== null && datum.segment !== highlight", "value": 0.12}
    }
    assert names["encoding"]["opacity"] == own_opacity
    assert rule == chart["layer"][2]
    assert with_highlight({"layer": [rule]}) == {"layer": [rule]}
    listed = {"name": "highlight", "value": None, "bind": {"input": "select"}}
    assert with_highlight(colored | {"params": [listed]})["params"] == [listed]


def test_an_overlap_is_the_share_of_each_segment_that_is_in_each_of_the_first_view():
    customers = pd.DataFrame([(1, 1), (1, 1), (1, 2), (2, 2), (2, 2)], columns=["other_segment_id", "worth_segment_id"])
    own = pd.DataFrame({"segmentation": "other", "segment_id": [2, 1, 3], "segment": ["Two", "One", "None listed"]})
    first = pd.DataFrame({"segmentation": "worth", "segment_id": [2, 1], "segment": ["VIP", "Core"]})
    table = overlap(customers, own, first)
    assert table.columns == ["Segment", "VIP", "Core"]
    assert table.rows == [["Two", "100%", "0%"], ["One", "33%", "67%"], ["None listed", "0%", "0%"]]
    assert table.segments == ["other-2", "other-1", "other-3"]


def test_drift_is_told_feature_by_feature():
    columns = ["label", "training_mean", "mean", "stability_index", "share_outside_training_range", "reading"]
    frame = pd.DataFrame(
        [
            ["income", 1234.56, 1300.0, 0.256, 0.126, "moved: mean and spread differ."],
            ["gender", np.nan, np.nan, np.nan, np.nan, "unknown"],
        ],
        columns=columns,
    )
    assert drift(frame).rows == [
        ["income", "1,235", "1,300", "0.26", "13%", "moved"],
        ["gender", "", "", "", "", "unknown"],
    ]


@pytest.mark.parametrize(
    ("former", "latter", "words"),
    [(1, 2.0, "from VIP to Core"), (None, 1, "to VIP"), (2, np.nan, "from Core"), (7, 1, "from GONE to VIP")],
)
def test_a_movement_leads_from_where_customers_were_to_where_they_are(former, latter, words):
    names = pd.Series({1: "VIP", 2: "Core"})
    assert movement(former, latter, names) == words.replace("GONE", "a segment that is no more")


def moves_of(*rows: tuple) -> dict[str, pd.DataFrame]:
    columns = ["build_number", "moved_at", "from_segment_id", "to_segment_id", "cause", "customers"]
    return {
        "segment_migrations": pd.DataFrame(rows, columns=columns).astype({"moved_at": "datetime64[us]"}),
        "segments": pd.DataFrame({"segment_id": [1, 2], "segment": ["VIP", "Core"]}),
    }


def test_changes_are_those_of_the_last_build_that_saw_any_by_cause_and_size():
    section = changes(
        moves_of(
            (2, "2026-05-06", 1, 2, "customer changed", 99),  # the clock was set back afterwards
            (3, "2026-03-04", None, 1, "customer joined", 4),
            (3, "2026-03-04", None, 2, "customer joined", 1200),
            (3, "2026-03-04", 2, 1, "model changed", 3),
        )
    )
    assert section.lead == "Seen on 2026-03-04, against the build before that; nothing since."
    assert section.content["changes"] == [
        {"count": "1,204", "words": "joined", "paths": ["1,200 to Core", "4 to VIP"]},
        {
            "count": "3",
            "words": "moved because the model changed, and not their figures",
            "paths": ["3 from Core to VIP"],
        },
    ]
    nothing = changes({name: frame.head(0) for name, frame in moves_of().items()})
    assert nothing.content["changes"] == []
    assert nothing.lead.startswith("Nobody has joined, left or moved since the first build.")


def test_every_source_row_and_every_missing_figure_is_accounted_for():
    frames = {
        "totals": pd.DataFrame(
            [
                {
                    "customers": 1500,
                    "source_rows": 2000,
                    "purchase_rows": 70_000,
                    "used_purchase_rows": 69_996,
                    "imputed_customers": 1234,
                }
            ]
        ),
        "rejections": pd.DataFrame(
            {"rejection_reason": ["no id", "no date"], "is_purchase": [False, True], "source_rows": [500, 4]}
        ),
        "feature_figures": pd.DataFrame(
            [("income", "k$", 1200, 51.264, 50.0, 1.0, 99999.0), ("gender", "", 0, np.nan, np.nan, np.nan, np.nan)],
            columns=["label", "unit", "missing_count", "mean", "median", "minimum", "maximum"],
        ),
        "doubts": pd.DataFrame([("", "Of all."), ("worth", "Of one.")], columns=["segmentation", "doubt"]),
    }
    section = data_quality(frames)
    rows, purchases, features = section.tables
    assert rows.rows == [["Customers", "1,500"], ["Rejected: no id", "500"], ["All source rows", "2,000"]]
    assert purchases.rows == [["Used", "69,996"], ["Rejected: no date", "4"], ["All rows of purchases", "70,000"]]
    assert section.lead.startswith("Every source row is a customer or a used purchase or is rejected with a reason. ")
    assert features.rows == [
        ["income (k$)", "1,200", "51.26", "50", "1", "100,000"],
        ["gender", "0", "", "", "", ""],
    ]
    assert "Customers that miss a feature: 1,234. What the model fills in" in section.lead
    assert section.content == {"doubts": ["Of all."]}
    frames["totals"]["imputed_customers"] = 0
    assert data_quality(frames).lead.endswith("No customer misses a feature.")
    frames["totals"]["source_rows"] = 0
    assert [table.caption for table in data_quality(frames).tables] == ["Purchases", "Features"]
    assert data_quality(frames).lead.startswith("Every source row is a used purchase or is rejected")


def test_the_form_asks_for_the_features_and_knows_every_center():
    center = {"segmentation": "worth", "feature": "income", "level": "", "fill_value": 50.0, "valid_min": 0.0}
    center |= {"valid_max": np.nan, "low_fence": 1.0, "high_fence": 200.0, "transform": "none", "scale": 25.0}
    levels = [{"segmentation": "worth", "feature": "gender", "level": level, "fill_value": 0.5} for level in "ab"]
    frames = frames_of(x_feature="income", y_feature=None)
    frames["segments"]["color"] = ["#111111", "#222222", "#333333"]
    frames["segment_marketing_actions"]["offer"] = "none"
    frames["form_centers"] = pd.DataFrame(
        [part | {"segment_id": number, "center": number * 10.0} for number in (1, 2) for part in (center, *levels)]
    )
    frames["form_fields"] = pd.DataFrame(
        [("worth", "income", "income", "k$", False, 15.0, 137.0), ("worth", "gender", "gender", "", True, None, None)],
        columns=["segmentation", "feature", "label", "unit", "is_category", "lowest", "highest"],
    )
    form = classifier(frames)
    assert form["features"] == [
        {"name": "income", "label": "income", "unit": "k$", "lowest": 15.0, "highest": 137.0}
        | {"valid_min": 0.0, "valid_max": None, "fill_value": 50.0},
        {"name": "gender", "label": "gender", "unit": "", "levels": ["a", "b"]},
    ]
    assert form["axes"] == ["income", None]
    assert [segment["segment_id"] for segment in form["segments"]] == [1, 2]
    assert [segment["action"] for segment in form["segments"]] == ["Call", "Mail"]
    assert [row["center"] for row in form["segments"][1]["centers"]] == [20.0] * 3
    nothing = {"features": [], "segments": []}
    assert classifier(frames | {"segments": frames["segments"].head(0)}) == nothing
    assert classifier(frames_of(is_natural=None)) == nothing


def axes_of_worth() -> pd.DataFrame:
    counts = {"segmentation": "worth", "fill_value": 0.5, "low_fence": np.nan, "high_fence": 9.0, "transform": "none"}
    counts |= {"mean": 2.0, "scale": 4.0}
    rows = [
        (1, 1, "income", "", 0.8, 0.6),
        (1, 2, "sex", "women", -0.6, 0.6),
        (2, 1, "income", "", 0.6, 0.256),
        (2, 2, "sex", "women", 0.8, 0.256),
    ]
    columns = ["axis", "dimension", "feature", "level", "loading", "explained"]
    return pd.DataFrame(rows, columns=columns).assign(label=lambda rows: rows["feature"], **counts)


def test_the_axes_of_a_map_are_told_by_their_loadings_and_what_they_show():
    (table,) = axes_tables({"map_axes": axes_of_worth()})
    assert table.rows == [
        ["income", "+0.80", "+0.60"],
        ["sex women", "-0.60", "+0.80"],
        ["Share of how customers differ", "60%", "26%"],
    ]
    assert axes_tables({"map_axes": axes_of_worth().head(0)}) == []


def test_the_form_knows_how_an_axis_follows_a_customers_values():
    right, up = form_axes(frames_of() | {"map_axes": axes_of_worth()}, "worth")
    assert [(row["feature"], row["level"], row["loading"]) for row in right] == [
        ("income", "", 0.8),
        ("sex", "women", -0.6),
    ]
    assert [row["loading"] for row in up] == [0.6, 0.8]
    assert all((row["mean"], row["scale"], row["fill_value"], row["low_fence"]) == (2, 4, 0.5, None) for row in right)
    assert form_axes(frames_of(x_feature="income", y_feature=None), "worth") == ["income", None]


def test_a_figure_takes_its_words_from_the_chart_and_its_views_lose_them():
    def panel(value: int) -> alt.Chart:
        title = alt.Title(f"Panel {value}", subtitle=f"Of {value}.")
        return alt.Chart(pd.DataFrame({"x": [value]}), title=title).mark_bar().encode(x="x:Q")

    specs = Specs(Drawings())
    both = alt.concat(panel(1), panel(2).properties(description="Two.")).properties(
        title=alt.Title("Both", subtitle="Side by side.")
    )
    figure = specs.figure("both", both.to_dict(), is_wide=True)
    assert (figure.key, figure.title, figure.caption, figure.is_wide) == ("both", "Both", "Side by side.", True)
    assert figure.panels == [
        {"key": "both-0", "title": "Panel 1", "caption": "Of 1.", "description": "Side by side."},
        {"key": "both-1", "title": "Panel 2", "caption": "Of 2.", "description": "Two."},
    ]
    alone = specs.figure("alone", panel(3).to_dict(), segmentation="worth")
    assert (alone.title, alone.caption, alone.is_wide, alone.segmentation) == ("Panel 3", "Of 3.", False, "worth")
    assert alone.panels == [{"key": "alone-0", "title": "", "caption": "", "description": "Of 3."}]
    assert list(specs.views) == ["both-0", "both-1", "alone-0"]
    assert len(specs.datasets) == 3
    for view in specs.views.values():
        assert not {"title", "description", "$schema", "config", "datasets"} & set(view)
        assert view["width"] == "container"


RESULTS = pd.DataFrame(
    [["big_spring", True, "worked", "It did."], ["big_spring", False, "unclear", "Of one segment."]],
    columns=["campaign", "is_overall", "verdict", "reading"],
)
PLAN = pd.DataFrame(
    [
        ["next_one", True, "planned", "2027-01-02", "2027-02-03", 1200, 300, 2400.4, "Can show 5 points.", False],
        ["next_one", False, "planned", "2027-01-02", "2027-02-03", 200, 30, 400.4, "Of one segment.", False],
        ["big_spring", True, "ended", "2026-01-02", "2026-02-03", 9, 9, 9.0, "Over.", False],
    ],
    columns=["campaign", "is_overall", "status", "starts_on", "ends_on", "treatment", "holdout", "expected_cost",
             "reading", "is_simulated"],
).astype({"starts_on": "datetime64[us]", "ends_on": "datetime64[us]"})  # fmt: skip


def test_campaigns_are_told_as_a_whole_the_finished_apart_from_the_planned():
    section = campaigns({"campaign_results": RESULTS, "campaign_plan": PLAN})
    brought, planned = section.tables
    assert brought.rows == [["big spring", "worked", "It did."]]
    assert brought.is_wide
    assert planned.rows == [
        ["next one", "2027-01-02", "2027-02-03", "1,200", "300", "2,400", "Can show 5 points."],
    ]
    assert section.lead.startswith("A part of each segment is held out")


def test_campaigns_that_nobody_ran_are_called_simulated_and_none_leave_no_table():
    simulated = PLAN.assign(is_simulated=[False, False, True])
    section = campaigns({"campaign_results": RESULTS, "campaign_plan": simulated})
    assert section.lead.startswith("Simulated data: nobody ran these campaigns. A part of each segment")
    nothing = campaigns({"campaign_results": RESULTS.head(0), "campaign_plan": PLAN.head(0)})
    assert nothing.tables == []
    assert nothing.lead.startswith("A part of each segment")


def frames_of(customers: int = 1500, **segmentations) -> dict[str, pd.DataFrame]:
    """Two segmentations, of which the page is about the first."""
    first = {"segmentation": "worth", "title": "Income and spending", "is_natural": True, "model_version": 3.0}
    first |= {"as_of": pd.Timestamp("2026-03-04"), "reason": "Gaps.", "n_clusters": 2.0} | segmentations
    other = first | {"segmentation": "by_rule", "title": "Rule", "is_natural": None, "model_version": np.nan}
    segments = [
        ("worth", 2, "Rich", "VIP", 300, 0.2),
        ("worth", 1, "Rest", "Core", 1200, 0.8),
        ("by_rule", 1, "All", "All", 1500, 1.0),
    ]
    fields = [
        ("worth", "income", "k$", 51.26, False),
        ("worth", "gender", "", np.nan, True),
        ("worth", "spending", "", 7.0, False),
        ("worth", "age", "years", 40.0, False),
        ("by_rule", "age", "years", 40.0, False),
    ]
    return {
        "segmentations": pd.DataFrame([first, other]),
        "map_axes": pd.DataFrame(columns=["segmentation", "axis"]),
        "segments": pd.DataFrame(
            segments, columns=["segmentation", "segment_id", "segment_name", "segment", "customers", "share"]
        ),
        "form_fields": pd.DataFrame(fields, columns=["segmentation", "label", "unit", "mean", "is_category"]),
        "totals": pd.DataFrame(
            [
                {
                    "customers": customers,
                    "source_rows": 2000,
                    "rejected_rows": 500,
                    "purchase_rows": 0,
                    "used_purchase_rows": 0,
                    "source": "clients.csv",
                }
            ]
        ),
        "profile_cells": pd.DataFrame(
            [
                ("worth", 1, "income", 51.26, "k$", -0.5),
                ("worth", 2, "income", 90.0, "k$", 0.5),
                ("worth", 2, "visits", 1.234, "", -3.0),
                ("worth", 2, "age", 40.0, "years", 0.04),
                ("worth", 2, "constant", 1.0, "", np.nan),
            ],
            columns=["segmentation", "segment_id", "label", "mean", "unit", "z_score"],
        ),
        "segment_migrations": pd.DataFrame(
            columns=[
                "segmentation",
                "build_number",
                "moved_at",
                "from_segment_id",
                "to_segment_id",
                "cause",
                "customers",
            ]
        ),
        "doubts": pd.DataFrame([("worth", "One.")], columns=["segmentation", "doubt"]),
        "criterion_votes": pd.DataFrame(
            [("worth", "silhouette", 2.0), ("by_rule", "elbow", 4.0)], columns=["segmentation", "label", "vote"]
        ),
        "segment_marketing_actions": pd.DataFrame(
            [
                ("worth", 1, 1, "Call", "1.5 more visits"),
                ("worth", 2, 1, "Mail", ""),
                ("worth", 2, 2, "Invite", ""),
                ("by_rule", 1, 1, "Wait", ""),
            ],
            columns=["segmentation", "segment_id", "priority", "action", "kpi"],
        ),
        "segment_upgrades": pd.DataFrame(
            [
                ("worth", 1, "VIP", "visits", 30, 2.14, False),
                ("worth", 1, "VIP", "pay", 1200, 5.0, False),
                ("worth", 1, "VIP", "age", 3, -1.0, False),
            ],
            columns=["segmentation", "segment_id", "to_segment", "feature", "customers", "mean_change", "is_estimate"],
        ),
        "feature_figures": pd.DataFrame(
            [("pay", "income", "k$"), ("visits", "visits", ""), ("age", "age", "years")],
            columns=["feature", "label", "unit"],
        ),
    }


FOUND = "By income and spending, 1,500 customers fall into 2 segments. The most valuable, VIP, holds 20% of them"


@pytest.mark.parametrize(
    ("is_natural", "ending"),
    [
        (True, ""),
        (False, " They are bands of customers: the data show no natural groups."),
        (None, " A rule makes them from scores."),
    ],
)
def test_the_summary_says_what_was_found(is_natural, ending):
    frames = frames_of(is_natural=is_natural)
    assert summary(frames) == f"{FOUND}; the largest, Core, 80%.{ending}"
    frames["segments"].loc[:1, "customers"] = [1200, 300]
    assert summary(frames) == f"{FOUND} and is also the largest.{ending}"


def test_the_summary_says_what_is_missing():
    nobody = frames_of(customers=0)
    assert summary(nobody) == "There are no customers yet. Load some and build again."
    alike = frames_of() | {"segments": frames_of()["segments"].head(0)}
    assert summary(alike).startswith("Too few different customers to find segments among: 1,500.")


def test_the_headlines_are_of_the_first_segmentation_and_its_first_two_numbers():
    assert [(each["value"], each["unit"], each["label"]) for each in headlines(frames_of())] == [
        ("1,500", "", "customers"),
        ("2", "", "segments"),
        ("20%", "", "are VIP"),
        ("51.3", "k$", "mean income"),
        ("7", "", "mean spending"),
        ("75%", "", "rows usable"),
    ]
    bought = frames_of()
    bought["totals"] = bought["totals"].assign(purchase_rows=8000, used_purchase_rows=7500)
    assert headlines(bought)[-1] == {"value": "90%", "unit": "", "label": "rows usable"}
    without = frames_of() | {"segments": frames_of()["segments"].head(0)}
    assert [each["value"] for each in headlines(without)] == ["1,500"]


def test_the_page_names_its_day_and_its_models_and_counts_its_doubts():
    frames = frames_of()
    assert facts(frames) == [
        "As of 2026-03-04",
        "model version: worth 3",
        "source: clients.csv",
        "1 warning of the build",
    ]
    frames["segmentations"]["model_version"] = [3.0, 12.0]
    frames["doubts"] = pd.DataFrame([("", "One."), ("", "Two.")], columns=["segmentation", "doubt"])
    assert facts(frames)[1:] == [
        "model versions: worth 3, by rule 12",
        "source: clients.csv",
        "2 warnings of the build",
    ]
    without = frames | {"doubts": frames["doubts"].head(0)}
    without["segmentations"] = frames["segmentations"].assign(as_of=pd.NaT, model_version=np.nan)
    assert facts(without) == ["source: clients.csv", "no warnings of the build"]


def test_a_card_holds_the_actions_for_its_own_segment():
    cards = segment_cards(frames_of(), "worth")
    assert [card["anchor"] for card in cards] == ["worth-2", "worth-1"]
    assert [[action["action"] for action in card["actions"]] for card in cards] == [["Mail", "Invite"], ["Call"]]
    assert segment_cards(frames_of(), "by_rule")[0]["anchor"] == "by-rule-1"


def test_a_card_says_who_could_move_up_those_of_most_customers_first():
    vip, core = segment_cards(frames_of(), "worth")
    assert vip["upgrades"] == []
    assert core["upgrades"] == [
        "1,200 to VIP: income +5 k$ on average",
        "30 to VIP: visits +2.1 on average",
        "3 to VIP: age −1 years on average",  # noqa: RUF001
    ]


def test_a_card_tells_the_clearest_differences_first_and_no_unknown_one():
    vip, core = segment_cards(frames_of(), "worth")
    assert vip["traits"] == [
        {"label": "visits", "mean": "1.23", "score": "-3.0", "side": "below", "width": 50},
        {"label": "income", "mean": "90 k$", "score": "+0.5", "side": "above", "width": 12.5},
        {"label": "age", "mean": "40 years", "score": "0.0", "side": "above", "width": 1.0},
    ]
    assert [(trait["label"], trait["side"]) for trait in core["traits"]] == [("income", "below")]


def test_the_three_answers_are_those_of_the_first_segmentation():
    found = answers(frames_of())
    assert [card["segment"] for card in found["who"]] == ["VIP", "Core"]
    assert [card["actions"][0]["action"] for card in found["actions"]] == ["Mail", "Call"]
    assert found["changed"] == []
    assert found["when"].startswith("Nobody has joined")
    assert answers(frames_of() | {"segments": frames_of()["segments"].head(0)}) == {}


def test_a_term_is_explained_where_it_is_told_first():
    told: set[str] = set()
    marked = explained("Silhouettes & the simplified silhouette; a silhouette.", told)
    assert re.findall(r'popovertarget="([^"]*)">([^<]*)<', marked) == [
        ("term-silhouette", "Silhouettes"),
        ("term-simplified-silhouette", "simplified silhouette"),
    ]
    assert re.sub("<[^>]*>", "", marked) == "Silhouettes &amp; the simplified silhouette; a silhouette."
    assert "<" not in explained("Again a silhouette, and featureless", told)
    assert re.findall(">([^<]*)<", explained("Criteria, a criterion, featured", told)) == ["Criteria"]
    assert "&lt;b&gt;" in explained("<b>", told)


@pytest.mark.parametrize(
    ("name", "is_natural", "words"),
    [("rfm", None, "By rule: RFM"), ("by_age", False, "By age"), ("worth", True, "Worth")],
)
def test_the_navigation_says_how_another_view_came_about(name, is_natural, words):
    row = pd.DataFrame({"segmentation": [name], "is_natural": pd.array([is_natural], "boolean")})
    assert entry(next(row.itertuples())) == words


def test_votes_and_doubts_are_those_of_the_segmentation():
    assert votes(frames_of(), "worth") == {
        "reason": "Gaps.",
        "doubts": ["One."],
        "n_clusters": 2,
        "votes": [{"name": "silhouette", "vote": 2}],
    }
    assert votes(frames_of(), "by_rule")["votes"] == [{"name": "elbow", "vote": 4}]


def test_top_customers_are_told_with_the_figures_that_are_known():
    top = pd.DataFrame(
        [("7", "income", 51.264, "k$"), ("7", "spending", 80.0, ""), ("9", None, np.nan, None)],
        columns=["customer_id", "feature", "value", "unit"],
    )
    figures = pd.DataFrame([("spending", "spending score"), ("income", "annual income")], columns=["feature", "label"])
    assert top_customers({"top_customers": top, "feature_figures": figures}, {"segment": "VIP"}) == {
        "segment": {"segment": "VIP"},
        "figures": "annual income and spending score",
        "customers": [{"customer_id": "7", "figures": "51.26 k$, 80"}, {"customer_id": "9", "figures": ""}],
    }
