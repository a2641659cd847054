"""The SQL questions run, their page is true, and their answers are right."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from project import PROJECT

from mall_segments.questions import OPENING, answer_table, page, published_sql

QUESTIONS = sorted(file.stem for file in (PROJECT / "analyses").glob("*.sql"))


@pytest.fixture(scope="module")
def compiled(warehouse) -> Path:
    """The folder of the questions as dbt compiles them."""
    warehouse.dbt("compile")
    return warehouse.folder / "target" / "compiled" / "mall_segments" / "analyses"


@pytest.fixture
def answers(compiled, exports):
    """Ask a question by the name of its file."""

    def ask(name: str) -> pd.DataFrame:
        with duckdb.connect(str(exports / "segments.duckdb"), read_only=True) as connection:
            return connection.sql(published_sql((compiled / f"{name}.sql").read_text())).df()

    return ask


def test_page_of_questions_is_what_the_published_file_answers(compiled, exports):
    with duckdb.connect(str(exports / "segments.duckdb"), read_only=True) as connection:
        written = page(compiled, connection)
    assert written.count("\n## ") == len(QUESTIONS) >= 8
    assert written == (PROJECT / "docs" / "questions.md").read_text(), (
        "run `dbt build`, `dbt compile` and `python -m mall_segments questions`"
    )


def test_an_answer_shows_ten_rows_and_counts_the_others():
    rows = duckdb.sql("select range as number, case when range = 0 then 'a|b' end as text from range(13)")
    lines = answer_table(rows).splitlines()
    assert lines[:4] == ["| number | text |", "| --- | --- |", "| 0 | a\\|b |", "| 1 |  |"]
    assert lines[11:] == ["| 9 |  |", "", "and 3 more rows."]
    assert answer_table(rows.limit(11)).endswith("\n\nand 1 more row.")
    assert len(answer_table(rows.limit(10)).splitlines()) == 12


def test_a_question_is_laid_out_with_how_to_read_its_answer(tmp_path):
    asked = """
-- How many?
-- One row
-- per answer.

select count(*) as customers from "warehouse"."marts"."customers"
"""
    (tmp_path / "how_many.sql").write_text(asked)
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create table marts.customers as from range(7)")
        written = page(tmp_path, connection)
    assert written.removeprefix(OPENING) == (
        "\n## How many?\n\nOne row per answer.\n\n```sql\nselect count(*) as customers from marts.customers\n```\n\n"
        "| customers |\n| --- |\n| 7 |\n"
    )


@pytest.mark.parametrize("name", QUESTIONS)
def test_question_has_an_answer(answers, name):
    answer = answers(name)
    assert len(answer) > 0
    assert not answer.isna().to_numpy().any()


def test_vips_are_the_39_of_high_income_and_high_spending(warehouse, answers):
    vips = answers("who_are_the_vips")
    customers = warehouse.query("from marts.customers").set_index("customer_id").loc[vips["customer_id"]]
    assert len(vips) == 39
    assert set(customers["income_spending_segment_name"]) == {"High income, high spending"}
    assert vips["spending_score"].is_monotonic_decreasing


def test_overlap_is_the_cross_table_of_the_segmentations(warehouse, answers):
    customers = warehouse.query("from marts.customers")
    expected = pd.crosstab(customers["income_spending_segment_name"], customers["demographic_segment_name"])
    overlap = answers("how_do_two_segmentations_overlap")
    counted = overlap.pivot(index="segment", columns="other_segment", values="customers").fillna(0)
    assert counted.to_numpy().tolist() == expected.to_numpy().tolist()


def test_customers_to_move_up_land_in_the_named_segment_and_the_easiest_come_first(warehouse, answers):
    candidates = answers("whom_can_we_move_up_with_the_least_effort")
    assert candidates["effort"].is_monotonic_increasing
    assert candidates["customer_id"].is_unique
    ranks = warehouse.query("from marts.segments where segmentation = 'income_spending'").set_index("segment_name")
    ranks = ranks["value_rank"]
    assert (candidates["could_become"].map(ranks) < candidates["segment"].map(ranks)).all()
    customers = warehouse.query("from marts.customers").set_index("customer_id")
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        for row in candidates.head(20).itertuples():
            changed = customers.loc[row.customer_id, ["annual_income_k", "spending_score"]].astype(float)
            # The change is rounded to a tenth, so a tenth more is surely enough.
            changed[row.feature] += row.change + 0.1
            question = f"select segment_name from marts.classify_customer({changed.iloc[0]}, {changed.iloc[1]})"
            assert connection.execute(question).fetchone() == (row.could_become,)


def test_keenest_spenders_are_the_top_quarter_by_pandas(warehouse, answers):
    customers = warehouse.query("from marts.customers")
    below = customers["spending_score"].rank(method="min") - 1
    keen = customers[below / (len(customers) - 1) >= 0.75]
    answer = answers("where_are_our_keenest_spenders").set_index("segment_name")
    counts = keen["income_spending_segment_name"].value_counts()
    assert answer["keen_customers"][lambda n: n > 0].to_dict() == counts.to_dict()
    assert answer["share_of_keen"].sum() == pytest.approx(1, abs=0.002)


def test_new_customer_belongs_where_the_nearest_center_is(warehouse, answers):
    centers = warehouse.query("from clustering.segment_centroids where segmentation = 'income_spending'").pivot(
        index="segment_id", columns="feature", values=["center", "scale"]
    )
    distances = sum(
        ((value - centers["center", feature]) / centers["scale", feature]) ** 2
        for feature, value in {"annual_income_k": 75, "spending_score": 70}.items()
    )
    names = warehouse.query("from marts.segments where segmentation = 'income_spending'").set_index("segment_id")
    nearest = distances.sort_values().index
    answer = answers("where_would_a_new_customer_belong").iloc[0]
    assert answer["segment_name"] == names["segment_name"][nearest[0]]
    assert answer["runner_up_segment_name"] == names["segment_name"][nearest[1]]
