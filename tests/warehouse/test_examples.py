"""The examples of other trades: a build finds the segments they were made with, and the page speaks of no mall."""

import io
import json
import re

import pandas as pd
import pytest
import words
import yaml
from project import PROJECT, Warehouse
from sklearn.metrics import adjusted_rand_score

from examples.generate import EXAMPLES, generate
from mall_segments.publish import publish
from tests.page.boxes import faults, misplaced_words, serious_faults


class Example(Warehouse):
    """An example, built and published."""

    def __init__(self, folder, name: str):
        super().__init__(folder)
        self.name = name
        self.vars = yaml.safe_load((PROJECT / "examples" / name / "vars.yml").read_text())
        self.dbt("build", project_vars=self.vars)
        publish(self.path, folder / "exports")
        self.page = (folder / "exports" / "dashboard.html").read_text()

    def members(self) -> pd.DataFrame:
        """The segment of each customer by the first segmentation, beside the one it was made for."""
        first = next(iter(self.vars["segmentations"]))
        found = self.query(
            f"select customer_id, segment_name from marts.customer_segments where segmentation = '{first}'"
        )
        expected = pd.read_csv(PROJECT / "examples" / self.name / "expected.csv", dtype=str)
        return found.merge(expected, on="customer_id", how="outer", suffixes=("", "_expected"), validate="1:1")

    def said(self) -> str:
        """Every word a reader of the page may meet: the text, and what is drawn or shown over a chart."""
        specs = re.search(r'<script type="application/json" id="specs">(.*?)</script>', self.page, re.DOTALL)[1]
        drawn = " ".join(texts(json.loads(specs)))
        shown = re.sub(r"<(script|style)\b.*?</\1>", " ", self.page, flags=re.DOTALL)
        return re.sub(r"<[^>]*>", " ", shown) + drawn


def texts(spec) -> list[str]:
    """Every text in a chart's specification but the names of its fields and of its parts."""
    if isinstance(spec, dict):
        return [text for key, value in spec.items() if key not in ("field", "name", "as") for text in texts(value)]
    if isinstance(spec, list):
        return [text for value in spec for text in texts(value)]
    return [spec] if isinstance(spec, str) and "datum." not in spec else []


@pytest.fixture(
    scope="module",
    params=["shop", *(pytest.param(name, marks=pytest.mark.long) for name in ("bank", "telecom", "clinic"))],
)
def example(request, tmp_path_factory) -> Example:
    """The shop in every run of the tests, the other trades with the long ones."""
    return Example(tmp_path_factory.mktemp(request.param), request.param)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_committed_data_are_what_the_generator_makes(name):
    for file, rows in generate(name).items():
        written = io.StringIO()
        rows.to_csv(written, index=False, date_format="%Y-%m-%d")
        assert (PROJECT / "examples" / name / file).read_text() == written.getvalue()


@pytest.mark.parametrize("name", EXAMPLES)
def test_ten_lines_of_configuration_will_do(name):
    lines = (PROJECT / "examples" / name / "vars.yml").read_text().splitlines()
    assert len([line for line in lines if line.strip() and not line.strip().startswith("#")]) <= 14


def test_a_build_finds_the_segments_that_the_data_were_made_with(example):
    members = example.members()
    assert adjusted_rand_score(members["segment_name_expected"], members["segment_name"]) >= 0.9
    assert set(members["segment_name"]) == set(members["segment_name_expected"])
    assert (members["segment_name"] == members["segment_name_expected"]).mean() >= 0.95
    assert example.query("select is_natural from marts.segmentations where position = 1")["is_natural"].all()
    assert example.query("select * from reporting.doubts").empty


def test_every_segment_has_three_actions_and_those_of_the_trade_come_before_general_ones(example):
    actions = example.query("from marts.segment_marketing_actions")
    counted = actions.groupby(["segmentation", "segment_id"]).size()
    assert len(counted) == len(example.query("from marts.segments"))
    assert counted.min() >= 3
    if "trade" in example.vars:
        own = actions["action_id"].str.startswith(f"{example.vars['trade']}_")
        assert own[actions["priority"] == 1].all()


def test_the_page_says_no_word_of_another_trade_and_leaves_none_out(example):
    said = example.said()
    foreign = words.MALL if example.name == "shop" else f"{words.MALL}|{words.SHOP}"
    called = example.vars.get("customer_words", {"many": "customers"})["many"]
    foreign += "" if called == "customers" else r"|customers?"
    foreign += r"|gender|women|nan|none|null|undefined|average average|\d+e[+-]\d+"
    assert (
        re.findall(
            rf"\b(?:{foreign})\b",
            re.sub(r"mall_segments|marts\.customers|source: customers\.csv", "", said),
            flags=re.IGNORECASE,
        )
        == []
    )
    for segment in example.query("from marts.segments")["segment_name"]:
        assert segment in said
    assert called in said


@pytest.mark.parametrize("width", [320, 1280])
def test_every_word_of_the_page_has_room_and_axe_finds_nothing_serious(example, opened, width):
    with opened(example.page, width) as page:
        assert misplaced_words(page) == []
        assert serious_faults(page) == []


@pytest.mark.long
def test_the_page_has_no_fault_at_any_width_in_the_dark_or_on_paper(example, opened):
    assert faults(opened, example.page) == {}


def test_on_paper_the_page_is_a_summary_and_a_sheet_for_each_segment(example, opened):
    first = next(iter(example.vars["segmentations"]))
    with opened(example.page, is_folded=True) as page:
        sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    assert sheets == 2 + len(example.query(f"from marts.segments where segmentation = '{first}'"))


def test_nobody_moves_up_by_staying_away_or_by_taking_purchases_back(example):
    if example.name != "shop":
        pytest.skip("one example shows it")
    changes = example.query("select feature, change from marts.upgrade_candidates").groupby("feature")["change"]
    assert set(changes.groups) == {"recency_days", "purchases", "average_basket"}
    assert changes.max()["recency_days"] < 0 < changes.min()["purchases"]


@pytest.mark.long
def test_a_trade_that_no_action_is_of_fails_the_build(example):
    if example.name != "shop":
        pytest.skip("one example shows it")
    test = ("test", "--select", "marketing_actions_can_be_carried_out")
    assert example.dbt(*test, project_vars=example.vars | {"trade": "bank"}).returncode == 0
    assert example.dbt(*test, project_vars=example.vars | {"trade": "gym"}, check=False).returncode == 1
