"""What the tables promise: described, contracted, the same from build to build, and quiet on the way."""

import json
import random
import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from project import PROJECT, Warehouse

MALL_CSV = PROJECT / "seeds" / "mall_customers.csv"
# Fixtures say the same in every build.
WITHOUT_UNIT_TESTS = ("--exclude-resource-type", "unit_test")


def manifest(warehouse: Warehouse) -> dict:
    """What dbt knows of the project after the last command."""
    return json.loads((warehouse.folder / "target" / "manifest.json").read_text())


def tables_and_views(warehouse: Warehouse) -> list[str]:
    """The names of all tables and views, with their schemas."""
    names = warehouse.query("""
        select table_schema || '.' || table_name as name
        from information_schema.tables
        order by name
    """)
    return names["name"].tolist()


def contents(warehouse: Warehouse) -> dict[str, pd.DataFrame]:
    """Every table and view by name, in an order of its own, without what may differ between equal builds.

    That is when and by which command something happened and how long it took, where a row stood in the source, and what
    tells of the build before.
    """
    telling_of_former_build = (
        "campaigns.campaign_candidates",
        "clustering.incumbent_centroids",
        "clustering.incumbent_segments",
        "clustering.segment_fits",
        "marts.segment_history",
        "meta.builds",
    )
    return {
        name: warehouse.query(f"""
            select columns(
                lambda c: c not in (
                    'trained_at', 'seen_at', 'fit_seconds', 'invocation_id', 'source_row_number', 'source_file'
                )
            )
            from {name}
            order by all
        """)
        for name in tables_and_views(warehouse)
        if name not in telling_of_former_build
    }


def assert_same_contents(actual: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame]) -> None:
    assert actual.keys() == expected.keys()
    for name, table in expected.items():
        pd.testing.assert_frame_equal(actual[name], table, check_exact=True, obj=name)


def described_relations(project_manifest: dict) -> list[dict]:
    return [
        node
        for node in project_manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
        and node["config"]["materialized"] not in ("ephemeral", "query_function")
    ]


# Written by hooks, beside the models: which builds finished, and which models were champions when.
WRITTEN_BY_HOOKS = {"meta.builds", "clustering.champion_history"}
# Their columns follow the vars; a generic test or the tables behind them hold them instead of a contract.
FOLLOW_THE_VARS = {"customers", "segment_history"}


def test_every_table_and_column_is_described_with_its_type(warehouse):
    relations = described_relations(manifest(warehouse))
    actual = warehouse.query(
        "select table_schema || '.' || table_name as name, column_name, data_type from information_schema.columns"
    )
    assert {f"{node['schema']}.{node['alias']}" for node in relations} | WRITTEN_BY_HOOKS == set(actual["name"])
    with duckdb.connect() as engine:
        for node in relations:
            name = f"{node['schema']}.{node['alias']}"
            assert "One row per" in node["description"], f"{name} does not say what one row is"
            undescribed = [column["name"] for column in node["columns"].values() if not column["description"].strip()]
            assert not undescribed, f"{name} lists columns without describing them"
            stated = {
                column["name"]: str(engine.sql(f"select cast(null as {column['data_type']})").types[0])
                for column in node["columns"].values()
            }
            columns = actual[actual["name"] == name]
            assert stated == dict(zip(columns["column_name"], columns["data_type"], strict=True)), name


def test_descriptions_are_comments_in_the_warehouse(warehouse):
    silent = warehouse.query("""
        select schema_name, table_name, column_name
        from duckdb_columns()
        where schema_name <> 'raw' and not internal and comment is null
    """)
    silent = silent[~(silent["schema_name"] + "." + silent["table_name"]).isin(WRITTEN_BY_HOOKS)]
    assert silent.empty, silent.to_string()


def test_every_macro_and_argument_is_described(warehouse):
    for macro in manifest(warehouse)["macros"].values():
        if macro["package_name"] == "mall_segments":
            assert macro["description"], macro["name"]
            # The arguments of a materialization are dbt's.
            is_materialization = macro["name"].startswith("materialization_")
            assert is_materialization or all(argument["description"] for argument in macro["arguments"]), macro["name"]


def test_marts_and_what_stands_behind_python_models_have_contracts(warehouse):
    project_manifest = manifest(warehouse)
    models = {key: node for key, node in project_manifest["nodes"].items() if node["resource_type"] == "model"}
    python_models = {key for key, node in models.items() if node["language"] == "python"}
    for node in models.values():
        reads_python = not python_models.isdisjoint(node["depends_on"]["nodes"])
        is_rebuilt = node["config"]["materialized"] in ("table", "view")
        is_ours = node["name"] not in FOLLOW_THE_VARS
        if node["language"] == "sql" and is_rebuilt and is_ours and (node["schema"] == "marts" or reads_python):
            assert node["contract"]["enforced"], node["name"]


def test_parsing_meets_no_warning_or_deprecation(new_warehouse):
    result = new_warehouse.dbt("parse", "--warn-error", "--show-all-deprecations", "--no-partial-parse")
    assert "deprecat" not in result.stdout.lower()
    assert not result.stderr


@pytest.mark.long
def test_builds_after_an_empty_one_are_quiet_and_equal(new_warehouse, warehouse):
    new_warehouse.dbt("build", "--empty", "--warn-error", *WITHOUT_UNIT_TESTS)
    for name in tables_and_views(new_warehouse):
        if name.startswith(("staging.", "clustering.", "marts.")):
            rows = new_warehouse.query(f"select * from {name}")
            # The account of the source says 0 of everything.
            assert rows.empty or (name == "marts.data_quality" and not rows["row_count"].any()), name

    for _ in range(2):
        result = new_warehouse.dbt("build", "--warn-error", *WITHOUT_UNIT_TESTS)
        assert "warning" not in result.stdout.lower()
        assert not result.stderr
        assert_same_contents(contents(new_warehouse), contents(warehouse))


def test_shuffled_rows_change_nothing_but_their_order(new_warehouse, warehouse, tmp_path):
    header, *rows = MALL_CSV.read_text().splitlines()
    random.Random(1).shuffle(rows)
    shuffled = tmp_path / "shuffled.csv"
    shuffled.write_text("\n".join([header, *rows]) + "\n")
    new_warehouse.dbt("build", *WITHOUT_UNIT_TESTS, project_vars={"customers_file": str(shuffled)})
    assert new_warehouse.query("from staging.stg_customers")["customer_id"].tolist() == [
        row.split(",")[0] for row in rows
    ]
    expected, actual = contents(warehouse), contents(new_warehouse)
    # Only a file is loaded, and read for its decimal marks; the seed's types are dbt's.
    del actual["staging.customer_csv_rows"]
    assert expected.pop("staging.column_readings").empty
    assert set(actual.pop("staging.column_readings")["column_name"]) >= {"age", "spending_score"}
    # The page says where the customers come from.
    assert actual["reporting.totals"]["source"].tolist() == ["shuffled.csv"]
    actual["reporting.totals"]["source"] = expected["reporting.totals"]["source"]
    # And campaigns are simulated for the customers of the seed alone.
    of_demo = {name for name in expected if name.startswith(("campaigns.", "semantic.campaign"))}
    assert_same_contents(*({name: tables[name] for name in tables.keys() - of_demo} for tables in (actual, expected)))


@pytest.mark.long
def test_a_file_of_headers_builds_empty_tables(new_warehouse, tmp_path):
    headers_only = tmp_path / "headers.csv"
    headers_only.write_text(MALL_CSV.read_text().splitlines()[0] + "\n")
    new_warehouse.dbt("build", "--warn-error", *WITHOUT_UNIT_TESTS, project_vars={"customers_file": str(headers_only)})
    assert new_warehouse.query("from marts.customers").empty
    assert new_warehouse.query("from marts.segments").empty
    assert new_warehouse.query("from staging.rejected_customers").empty


@pytest.mark.long
def test_customers_with_other_columns_build_without_warning(new_warehouse, tmp_path):
    """The contract of `customers` and the fixtures of the unit tests are the mall's and must step aside."""
    visits = tmp_path / "visits.csv"
    rng = random.Random(1)
    visits.write_text(
        "id,visits,basket\n"
        + "".join(
            f"{group}{i},{visits + rng.random()},{basket + rng.random()}\n"
            for group, visits, basket in [("a", 2, 20), ("b", 30, 20), ("c", 2, 90)]
            for i in range(40)
        )
    )
    new_warehouse.dbt(
        "build",
        "--warn-error",
        project_vars={
            "customers_file": str(visits),
            "customer_columns": {"customer_id": {"from": ["id"]}, "visits": {}, "basket_value": {"from": ["basket"]}},
            "segmentations": {"habits": {"features": {"visits": 1, "basket_value": 1}}},
        },
    )
    segments = new_warehouse.query("from marts.segments order by segment_id")
    assert segments["customers"].tolist() == [40, 40, 40]
    assert new_warehouse.query("from marts.classify_customer(30.5, 20.5)")["segment_name"].tolist() == (
        new_warehouse.query("from marts.customers where customer_id = 'b1'")["habits_segment_name"].tolist()
    )


def copied_project(folder: Path) -> Path:
    """The project's files in another folder."""
    ignored = shutil.ignore_patterns(".*", "target", "logs", "exports", "*.duckdb*")
    return shutil.copytree(PROJECT, folder, ignore=ignored)


@pytest.mark.long
def test_a_project_in_a_folder_with_an_apostrophe_loads_its_seeds(tmp_path):
    project = copied_project(tmp_path / "the shop's")
    shop = Warehouse(project, project)
    shop.dbt("seed")
    shop.dbt("run", "--select", "+stg_customers")
    own, seed = shop.query("from staging.stg_customers"), shop.query("from raw.mall_customers")
    assert len(own) == len(seed) == 200


def test_a_mart_whose_column_changes_its_type_is_refused(new_warehouse, warehouse, tmp_path):
    changed = copied_project(tmp_path / "project")
    model = changed / "models_sql" / "marts" / "customers.sql"
    model.write_text(model.read_text().replace("scores.customer_id,", "cast(1 as integer) as customer_id,", 1))
    shutil.copy(warehouse.path, new_warehouse.path)
    result = new_warehouse.dbt("run", "--select", "customers", "--project-dir", str(changed), check=False)
    assert result.returncode
    assert "data type mismatch" in result.stdout


def test_small_marts_refuse_a_second_row_with_the_same_key(warehouse):
    keys = warehouse.query("""
        select table_name, constraint_column_names as columns
        from duckdb_constraints()
        where schema_name = 'marts' and constraint_type = 'PRIMARY KEY'
    """)
    assert {name: list(columns) for name, columns in keys.itertuples(index=False)} == {
        "segments": ["segment_key"],
        "segment_profiles": ["segmentation", "segment_id", "feature"],
        "segment_marketing_actions": ["segmentation", "segment_id", "priority"],
        "segment_drift": ["segmentation", "feature", "level"],
        "segment_rules": ["segmentation", "segment_id", "rule_number"],
        "segment_spreads": ["segmentation", "segment_id", "feature"],
        "segment_values": ["segmentation", "segment_id"],
        "segmentations": ["segmentation"],
        "feature_effects": ["segmentation", "feature"],
        "data_quality": ["item_order"],
    }


@pytest.mark.parametrize(
    "change",
    [
        "update clustering.segment_centroids set scale = 0",
        "update clustering.segment_lineage set fate = 'lost'",
        "update clustering.segment_lineage set segmentation = null",
        "update marts.segments set share = 2",
        "update marts.segments set segment_income_band = 'medium'",
        "update marts.segments set segment_spending_band = 'medium'",
        "update marts.segments set segment_id = 1",
        "update marts.segments set segmentation = null",
        "insert into marts.segment_migrations (cause) values ('chance')",
        "update marts.data_quality set kind = 'guessed'",
        "update marts.data_quality set kind = null",
        "update marts.data_quality set item = null",
        "update marts.data_quality set row_count = null",
        "update marts.data_quality set share = null",
        "insert into marts.segments from marts.segments",
        "insert into marts.segment_drift from marts.segment_drift",
        "insert into marts.data_quality from marts.data_quality",
        "insert into clustering.cluster_counts from clustering.cluster_counts",
        "insert into clustering.segmentation_models from clustering.segmentation_models",
        "insert into clustering.segment_centroids from clustering.segment_centroids",
        "insert into features.feature_statistics from features.feature_statistics",
    ],
)
def test_tables_refuse_rows_that_their_contract_rules_out(warehouse, new_warehouse, change):
    shutil.copy(warehouse.path, new_warehouse.path)
    with duckdb.connect(str(new_warehouse.path)) as connection, pytest.raises(duckdb.ConstraintException):
        connection.execute(change)


def test_dbt_docs_come_as_one_page(warehouse):
    warehouse.dbt("docs", "generate", "--static", "--warn-error")
    target = warehouse.folder / "target"
    assert not json.loads((target / "catalog.json").read_text())["errors"]
    assert "One row per segmentation and segment" in (target / "static_index.html").read_text()
