"""The published copy: whole, equal to the warehouse, open to older clients, and in nobody's way."""

import codecs
import csv
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import joblib
import numpy as np
import pandas as pd
import pytest
from project import PROJECT

from mall_segments import publish as publishing
from mall_segments.problems import ProblemError
from mall_segments.publish import drawable, file_name, publish, spreadsheet_safe
from mall_segments.warehouse import open_warehouse
from tests.clients import client, run

OLDER_CLIENTS = ["duckdb==1.4.4", "duckdb==1.5.6"]


@pytest.fixture
def no_pictures(monkeypatch):
    """Leave out what takes longest where it is not what a test is about."""
    monkeypatch.setattr(publishing, "write_pictures", lambda *_: None)


def ask(file: Path, sql: str) -> pd.DataFrame:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.sql(sql).df()


def marts(file: Path) -> list[str]:
    relations = ask(
        file,
        "select table_schema || '.' || table_name as name from information_schema.tables "
        "where table_schema in ('marts', 'campaigns', 'reporting')",
    )
    return sorted(relations["name"])


def test_published_file_holds_the_marts_and_nothing_else(warehouse, exports):
    published = exports / "segments.duckdb"
    assert marts(published) == marts(warehouse.path)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse.path}' as warehouse (read_only)")
        connection.execute(f"attach '{published}' as published (read_only)")
        connection.execute("use warehouse")
        schemas = connection.sql("select distinct schema_name from duckdb_tables() where database_name = 'published'")
        assert sorted(schemas.fetchall()) == [("campaigns",), ("clustering",), ("marts",), ("reporting",)]
        for mart in marts(published):
            for one, other in [("warehouse", "published"), ("published", "warehouse")]:
                missing = connection.sql(f"from {one}.{mart} except all from {other}.{mart}")
                assert missing.fetchall() == [], mart


def test_published_file_is_written_in_the_format_of_duckdb_1_4(exports):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{exports / 'segments.duckdb'}' as published (read_only)")
        tags = connection.execute("select tags from duckdb_databases() where database_name = 'published'").fetchone()[0]
    assert tags["storage_version"].startswith("v1.4.0")


@pytest.mark.parametrize("version", OLDER_CLIENTS)
def test_older_client_opens_the_published_file_and_classifies(warehouse, exports, tmp_path, version):
    renamed = tmp_path / "any name.duckdb"
    renamed.write_bytes((exports / "segments.duckdb").read_bytes())
    answer = run(
        client(version),
        """
import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    rows = connection.sql("from marts.classify_customer(75, 70)").fetchall()
    counts = connection.sql("select segmentation, count(*) from marts.customer_segments group by all order by all")
    print(json.dumps([duckdb.__version__, rows, counts.fetchall()]))
        """,
        renamed,
    )
    client_version, rows, counts = json.loads(answer)
    assert f"duckdb=={client_version}" == version
    expected = warehouse.query("from marts.classify_customer(75, 70)").iloc[0].tolist()
    assert rows[0] == [pytest.approx(value) if isinstance(value, float) else value for value in expected]
    assert counts == [["demographic", 200], ["income_spending", 200]]


def test_sql_tool_of_notebooks_queries_the_published_file(exports):
    answer = run(
        client("jupysql==0.11.1", "duckdb==1.5.6", "duckdb-engine==0.17.0", "ipython==8.37.0"),
        """
import os, sys
os.environ["PLOOMBER_STATS_ENABLED"] = "false"
from IPython.core.interactiveshell import InteractiveShell
from sqlalchemy import create_engine
shell = InteractiveShell.instance()
shell.user_ns["engine"] = create_engine(
    f"duckdb:///{sys.argv[1]}", connect_args={"read_only": True}
)
shell.run_line_magic("load_ext", "sql")
shell.run_line_magic("config", "SqlMagic.feedback = 0")
shell.run_line_magic("sql", "engine")
result = shell.run_line_magic(
    "sql", "select nickname, customers from marts.segments where segmentation = 'income_spending' and value_rank = 1"
)
print(result.dict())
        """,
        exports / "segments.duckdb",
    )
    assert "{'nickname': ('VIP',), 'customers': (39,)}" in answer.splitlines()


def test_comments_functions_and_later_marts_travel(tmp_path):
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as warehouse:
        warehouse.execute("""
            create schema marts;
            create table marts.segment_history as select 1 as segment_id, 'a' as "odd ""name";
            create view marts.history_view as select * from shop.marts.segment_history;
            create macro marts.history_of(id) as table (select * from marts.segment_history where segment_id = id);
            comment on table marts.segment_history is 'Who''s where';
            comment on view marts.history_view is 'The same again';
            comment on column marts.segment_history."odd ""name" is 'Odd';
            comment on column marts.history_view.segment_id is 'Of the view';
            create schema campaigns;
            create table campaigns.campaign_results as select 7 as customers;
            create schema staging;
            create table staging.secrets as select 1 as one;
        """)
    file = tmp_path / "copy.duckdb"
    with open_warehouse(tmp_path / "shop.duckdb") as connection:
        publishing.copy_marts(connection, file)
    relations = ask(file, "select table_name, comment from duckdb_tables() order by all")
    assert relations.astype(object).where(relations.notna(), None).to_numpy().tolist() == [
        ["campaign_results", None],
        ["history_view", "The same again"],
        ["segment_history", "Who's where"],
    ]
    columns = ask(
        file,
        "select table_name, column_name, comment from duckdb_columns() where comment is not null order by all",
    )
    assert columns.to_numpy().tolist() == [
        ["history_view", "segment_id", "Of the view"],
        ["segment_history", 'odd "name', "Odd"],
    ]
    assert len(ask(file, "from marts.history_of(1)")) == 1
    with duckdb.connect(str(file), read_only=True) as published:
        publishing.write_parquet(published, tmp_path / "parquet")
    assert duckdb.sql(f"from '{tmp_path}/parquet/campaign_results.parquet'").fetchall() == [(7,)]
    assert len(list((tmp_path / "parquet").iterdir())) == 3


def test_tables_relate_by_single_keys(exports):
    file = exports / "segments.duckdb"
    keys = ask(
        file, "select table_name, constraint_type, constraint_column_names, referenced_table from duckdb_constraints()"
    )
    primary = keys[keys["constraint_type"] == "PRIMARY KEY"].set_index("table_name")["constraint_column_names"]
    assert {name: list(columns) for name, columns in primary.items()} == {
        "segmentations": ["segmentation"],
        "segments": ["segment_key"],
        "customers": ["customer_id"],
    }
    foreign = keys[keys["constraint_type"] == "FOREIGN KEY"]
    assert {"customer_segments", "segments", "segment_profiles", "upgrade_candidates"} <= set(foreign["table_name"])
    assert set(foreign["constraint_column_names"].map(len)) == {1}
    # The single key finds what the two columns find.
    segments = ask(file, "from marts.segments").set_index("segment_key")
    for table in ("marts.customer_segments", "marts.segment_profiles", "campaigns.campaign_audiences"):
        rows = ask(file, f"from {table}")
        assert len(rows)
        found = segments.loc[rows["segment_key"], ["segmentation", "segment_id"]]
        assert found.to_numpy().tolist() == rows[["segmentation", "segment_id"]].to_numpy().tolist()
    customers = ask(file, "from marts.customers")
    found = segments.loc[customers["demographic_segment_key"], "segment_name"]
    assert found.tolist() == customers["demographic_segment_name"].tolist()


def test_keys_of_many_customers_are_not_declared(warehouse, tmp_path, monkeypatch):
    monkeypatch.setattr(publishing, "MOST_CUSTOMERS_WITH_KEYS", 199)
    with open_warehouse(warehouse.path) as connection:
        publishing.copy_marts(connection, tmp_path / "copy.duckdb", publishing.table_keys(connection))
    keys = ask(tmp_path / "copy.duckdb", "select distinct table_name from duckdb_constraints()")
    assert "segment_profiles" in set(keys["table_name"])
    assert not {"customers", "customer_segments", "upgrade_candidates"} & set(keys["table_name"])


def test_tables_that_do_not_fit_each_other_are_not_published(warehouse, new_warehouse, tmp_path, no_pictures):
    shutil.copy(warehouse.path, new_warehouse.path)
    with duckdb.connect(str(new_warehouse.path)) as connection:
        connection.execute("update marts.segment_spreads set segment_key = 'income_spending 99'")
    with pytest.raises(ProblemError, match=r"marts.segment_spreads does not fit .* run `dbt build`"):
        publish(new_warehouse.path, tmp_path / "exports")


def test_parquet_files_equal_the_marts(warehouse, exports):
    names = {mart.partition(".")[2]: mart for mart in marts(warehouse.path)}
    assert {file.stem for file in exports.glob("parquet/*.parquet")} == set(names)
    for name, mart in names.items():
        expected = warehouse.query(f"from {mart} order by all")
        written = duckdb.sql(f"from '{exports}/parquet/{name}.parquet' order by all").df()
        pd.testing.assert_frame_equal(written, expected)


def test_segment_lists_hold_every_customer_once_with_the_first_action(warehouse, exports):
    for segmentation in ["income_spending", "demographic"]:
        lists = [
            pd.read_csv(file, dtype={"customer_id": str}, keep_default_na=False)
            for file in sorted(exports.glob(f"segments/{segmentation}/*.csv"))
        ]
        assert all(len(set(customers["segment_name"])) == 1 for customers in lists)
        listed = pd.concat(lists).sort_values("customer_id")
        expected = warehouse.query(
            f"""
            select customer_id, {segmentation}_segment_name as segment_name, {segmentation}_first_action as first_action
            from marts.customers order by customer_id
            """
        )
        assert listed[expected.columns].to_numpy().tolist() == expected.to_numpy().tolist()
    vips = exports / "segments" / "income_spending" / "high-income-high-spending.csv"
    assert len(pd.read_csv(vips)) == 39


def test_segment_lists_begin_with_the_clearest_cases_and_say_what_to_do_and_why(warehouse, exports):
    listed = pd.read_csv(
        exports / "segments" / "income_spending" / "low-income-high-spending.csv", dtype={"customer_id": str}
    )
    places = warehouse.query("""
        from marts.customer_segments
        where segmentation = 'income_spending' and segment_name = 'Low income, high spending'
    """).sort_values(["margin", "customer_id"], ascending=[False, True])
    assert listed["customer_id"].tolist() == places["customer_id"].tolist()
    assert listed["margin"].tolist() == pytest.approx(places["margin"].tolist(), abs=0.006)
    assert listed["reason"].tolist() == places["reason"].tolist()
    first = warehouse.query("""
        from marts.segment_marketing_actions where segment_key = 'income_spending 5' and priority = 1
    """).iloc[0]
    for column in ("kpi", "cadence", "channel"):
        assert set(listed[column]) == {first[column]}


def test_numbers_in_lists_are_written_for_people(tmp_path):
    written = {19.0: "19", -0.5: "-0.5", 1234.5678: "1234.57", 0.0034567: "0.00346", 2 / 3: "0.667", 0.0: "0"}
    relation = duckdb.from_df(pd.DataFrame({"number": [*written, np.inf, np.nan], "text": "1.0", "count": 7}))
    publishing.write_list(relation, tmp_path / "list.csv", has_bom=False)
    with (tmp_path / "list.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["number"] for row in rows] == [*written.values(), "inf", ""]
    assert {(row["text"], row["count"]) for row in rows} == {("1.0", "7")}


def test_a_list_with_semicolons_guards_what_commas_would_part_too(tmp_path):
    relation = duckdb.sql("select 'saves, =HYPERLINK(1)' as text, 'a,b' as plain, 1.5e0 as number")
    publishing.write_list(relation, tmp_path / "list.csv", has_bom=False, decimal_mark=",")
    assert (tmp_path / "list.csv").read_text() == "text;plain;number\nsaves,' =HYPERLINK(1);a,b;1,5\n"
    publishing.write_list(relation, tmp_path / "list.csv", has_bom=False)
    assert (tmp_path / "list.csv").read_text() == 'text,plain,number\n"saves, =HYPERLINK(1)","a,b",1.5\n'


def test_lists_for_excel_differ_by_the_byte_order_mark_alone(exports, tmp_path):
    with duckdb.connect(str(exports / "segments.duckdb"), read_only=True) as published:
        publishing.write_segment_lists(published, tmp_path / "segments", has_bom=True)
        publishing.write_audiences(published, tmp_path / "audiences", has_bom=True)
    for kind in ("segments", "audiences"):
        files = [file.relative_to(exports) for file in (exports / kind).rglob("*") if file.is_file()]
        assert len(files) > 1
        assert sorted(file.relative_to(tmp_path) for file in (tmp_path / kind).rglob("*") if file.is_file()) == sorted(
            files
        )
        for file in files:
            assert (tmp_path / file).read_bytes() == codecs.BOM_UTF8 + (exports / file).read_bytes()


def test_a_column_of_the_customers_keeps_its_name_beside_ours(tmp_path):
    """A column that projects have, such as `channel`, is not mistaken for the action's."""
    with duckdb.connect(str(tmp_path / "own.duckdb")) as published:
        published.execute("""
            create schema marts;
            create table marts.segmentations as select 'habits' as segmentation, 1 as position;
            create table marts.segments as select
                'habits' as segmentation, 1 as segment_id, 'habits 1' as segment_key, 'Keen' as segment_name,
                'Keen' as nickname;
            create table marts.customers as select
                'a' as customer_id, 'web' as channel, true as may_contact, 1 as habits_segment_id;
            create table marts.customer_segments as select
                'a' as customer_id, 'habits 1' as segment_key, 0.5 as margin, 'Because.' as reason;
            create table marts.segment_marketing_actions as select
                'habits' as segmentation, 1 as segment_id, 1 as priority, 'grow' as objective, 'Call.' as action,
                'phone' as channel, 'none' as offer, 'calls' as kpi, 'weekly' as cadence;
        """)
        publishing.write_segment_lists(published, tmp_path / "segments")
    listed = pd.read_csv(tmp_path / "segments" / "habits" / "keen.csv").iloc[0]
    assert (listed["channel"], listed["segment_channel"], listed["first_action"]) == ("web", "phone", "Call.")


def test_cells_a_spreadsheet_would_run_are_made_harmless_and_numbers_stay_numbers(tmp_path):
    harmful = ["=1+1", "+1", "-1", "@sum(a1)", "\tx", "\rx", "\nx", "＝1", "\ufeff=1", "\u200b@a", "\u00a0 \x01=1"]  # noqa: RUF001
    harmless = ["a=1", "", "'", 'say "hi", =1', "a;b", "a; b - c"]
    split = {"a;=1": "a;'=1", "a|b;\u200b+1;c": "a|b;'\u200b+1;c", "a\n-1": "a\n'-1", ";@a": ";'@a", "a\t=1": "a\t'=1"}
    texts = [*harmful, *harmless, *split]
    relation = duckdb.from_df(pd.DataFrame({"text": texts, "number": np.arange(len(texts)) - 6.5}))
    spreadsheet_safe(relation).write_csv(str(tmp_path / "cells.csv"))
    with (tmp_path / "cells.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == ["'" + text for text in harmful] + harmless + list(split.values())
    assert [float(row["number"]) for row in rows] == [index - 6.5 for index in range(len(texts))]


def test_texts_are_drawn_up_to_500_characters_and_without_what_no_font_has():
    frame = pd.DataFrame({"text": ["x" * 500, "x" * 501, "a\x0bb\ufffe", "tab\tand é", None], "number": range(5)})
    drawn = drawable(frame)
    assert drawn["text"].tolist()[:4] == ["x" * 500, "x" * 500 + "…", "a\ufffdb\ufffd", "tab\tand é"]
    assert pd.isna(drawn["text"][4])
    assert drawn["number"].tolist() == list(range(5))


def test_segment_files_have_plain_and_distinct_names():
    taken = set()
    assert file_name("Élégant / ../x", 1, taken) == "elegant-x"
    assert file_name("Elegant x", 2, taken) == "elegant-x-2"
    assert file_name("高収入", 3, taken) == "segment-3"


def test_failed_publishing_leaves_the_old_files_whole(warehouse, exports, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    before = {file: file.read_bytes() for file in sorted(exports.glob("**/*")) if file.is_file()}
    monkeypatch.setattr(publishing, "write_audiences", fail)
    with pytest.raises(OSError, match="disk full"):
        publish(warehouse.path, exports)
    assert {file: file.read_bytes() for file in sorted(exports.glob("**/*")) if file.is_file()} == before


def test_manifest_names_the_build_and_every_file(warehouse, exports):
    manifest = json.loads((exports / "manifest.json").read_text())
    finished = warehouse.query("select invocation_id from meta.builds where event = 'finished'")["invocation_id"]
    assert manifest["build"] == finished.item()
    assert manifest["model_versions"] == {"demographic": 1, "income_spending": 1}
    found = {
        str(file.relative_to(exports)): hashlib.sha256(file.read_bytes()).hexdigest()
        for pattern in ("*", "*/*", "*/*/*")
        for file in exports.glob(pattern)
        if file.is_file() and file.name != "manifest.json" and ".sets" not in file.parts
    }
    assert manifest["files"] == found
    assert len(found) > 40


def test_empty_build_is_published(new_warehouse, tmp_path):
    new_warehouse.dbt("build", "--empty")
    assert publish(new_warehouse.path, tmp_path / "exports").empty
    assert ask(tmp_path / "exports" / "segments.duckdb", "from marts.customers").empty
    assert (tmp_path / "exports" / "dashboard.html").exists()


def test_pictures_and_the_dashboard_are_published(exports):
    drawn = {file.stem for file in exports.glob("charts/*.svg")}
    assert {"income_spending_segment_map", "income_spending_elbow", "feature_distributions"} <= drawn
    assert {file.stem for file in exports.glob("charts/*.png")} == drawn
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in exports.glob("charts/*.png"))
    assert "High income, high spending" in (exports / "dashboard.html").read_text(encoding="utf-8")


def test_saved_pipeline_agrees_with_the_function_in_sql(warehouse, exports):
    model = joblib.load(exports / "kmeans_model.joblib")
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        for income, score in [(15, 39), (75, 70), (126, 28), (0, 1), (300, 100)]:
            answer = connection.execute(f"select segment_id from marts.classify_customer({income}, {score})").fetchone()
            customer = pd.DataFrame({"annual_income_k": [income], "spending_score": [score]})
            assert model.predict(customer).tolist() == list(answer)


def test_saved_pipeline_loads_without_this_project(exports):
    script = """
import joblib, sys
model = joblib.load(sys.argv[1])
print({type(step).__module__.split(".")[0] for step in model}, "mall_segments" in sys.modules)
    """
    assert run(Path(sys.executable), script, exports / "kmeans_model.joblib") == "{'sklearn'} False\n"


@pytest.mark.long
def test_reader_that_never_closes_and_builds_do_not_disturb_each_other(warehouse, new_warehouse, tmp_path, no_pictures):
    """A dashboard server keeps the published file open; builds and publishing go on under it."""
    exports = tmp_path / "exports"
    publish(warehouse.path, exports)
    script = """
import duckdb, pathlib, sys, time
stop, answers = pathlib.Path(sys.argv[2]), 0
connection = duckdb.connect(sys.argv[1], read_only=True)
while not stop.exists():
    assert connection.sql("select count(*) from marts.customers").fetchall() == [(200,)]
    assert connection.sql("from marts.classify_customer(75, 70)").fetchall()[0][2] == "VIP"
    answers += 1
    time.sleep(0.05)
print(answers)
    """
    stop = tmp_path / "stop"
    with subprocess.Popen(
        [str(client(OLDER_CLIENTS[-1])), "-c", script, str(exports / "segments.duckdb"), str(stop)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reader:
        try:
            for _ in range(2):
                new_warehouse.dbt("build")
                publish(new_warehouse.path, exports)
        finally:
            stop.touch()
            answers, errors = reader.communicate(timeout=60)
    assert reader.returncode == 0, errors
    assert int(answers) > 10
    assert len(ask(exports / "segments.duckdb", "from marts.customers")) == 200


STREAMLIT = ("streamlit==1.67.0", "altair==6.3.0", "duckdb==1.5.6", "pandas==3.1.1")


def test_streamlit_page_without_the_published_file_says_what_to_do(tmp_path):
    (tmp_path / "junk.duckdb").write_text("this is no database")
    duckdb.connect(str(tmp_path / "older.duckdb")).close()
    answer = run(
        client(*STREAMLIT),
        """
import os, sys
sys.path.insert(0, sys.argv[1])
from streamlit.testing.v1 import AppTest
for file in sys.argv[2:]:
    os.environ["MALL_SEGMENTS_PUBLISHED"] = file
    page = AppTest.from_file(sys.argv[1] + "/mall_segments/streamlit_app.py", default_timeout=60).run()
    assert not page.exception, page.exception
    print(page.error[0].value)
        """,
        PROJECT,
        *(tmp_path / name for name in ("none.duckdb", "junk.duckdb", "older.duckdb")),
    )
    assert answer.count("build and publish, or name the file in MALL_SEGMENTS_PUBLISHED.") == 3


def test_streamlit_page_shows_the_segments_and_classifies(exports):
    answer = run(
        client(*STREAMLIT),
        """
import os, sys
os.environ["MALL_SEGMENTS_PUBLISHED"] = sys.argv[1]
sys.path.insert(0, sys.argv[2])
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(sys.argv[2] + "/mall_segments/streamlit_app.py", default_timeout=60).run()
assert not page.exception, page.exception
page.number_input[0].set_value(75)
page.number_input[1].set_value(70).run()
print(page.selectbox[0].options, page.success[0].value)
page.number_input[1].set_value(5).run()
assert not page.exception, page.exception
print(page.success[0].value)
        """,
        exports / "segments.duckdb",
        PROJECT,
    )
    assert answer.splitlines() == [
        "['Annual income and spending score', 'Age, annual income, spending score and gender'] "
        "VIP (High income, high spending); runner-up: Everyday Core",
        "Selective Shoppers (High income, low spending); runner-up: Everyday Core",
    ]
