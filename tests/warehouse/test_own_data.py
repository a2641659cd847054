"""A retailer's own file: other columns, other formats; and one sentence where it cannot work."""

import gzip
import json

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml
from project import PROJECT, further

from mall_segments.publish import publish

DATA = PROJECT / "tests" / "data"
HEADER = "CustomerID,Gender,Age,Annual Income (k$),Spending Score (1-100)\n"
FOUR_CUSTOMERS = HEADER + "1,Male,19,15,39\n2,Male,21,15,81\n3,Female,20,16,6\n4,Female,23,16,77\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The worked example of docs/own_data.md, read in its other shapes too: a glob of a gzipped and a plain CSV."""
    from project import Warehouse

    folder = tmp_path_factory.mktemp("shop")
    header, *lines = (DATA / "shop_members.csv").read_text().splitlines(keepends=True)
    (folder / "1.csv.gz").write_bytes(gzip.compress((header + "".join(lines[:100])).encode()))
    (folder / "2.csv.gz").write_bytes(gzip.compress((header.upper() + "".join(lines[100:])).encode()))
    built = Warehouse(folder)
    project_vars = yaml.safe_load((DATA / "shop_members.yml").read_text())
    built.dbt("build", project_vars=project_vars | {"customers_file": str(folder / "*.csv.gz")})
    return built


def test_members_of_a_shop_are_segmented_by_visits_and_basket_value(shop):
    segments = shop.query("select segment_name, customers from marts.segments order by value_rank")
    assert segments["segment_name"].tolist() == [
        "High visits, high basket value",
        "High basket value, low visits",
        "High visits, low basket value",
        "Low visits, low basket value",
    ]
    assert segments["customers"].sum() == 242


def test_data_quality_adds_up_to_the_source(shop):
    quality = shop.query("select * from marts.data_quality").set_index(["kind", "item"])["row_count"]
    assert quality["source rows", "all"] == 246
    assert quality["customers", "all"] + quality["rejected"].sum() == 246
    assert quality["rejected"].to_dict() == {
        "more cells than headers": 0,
        "missing customer_id": 1,
        "total of the other rows": 0,
        "duplicate row": 1,
        "duplicate customer_id": 1,
        "no usable feature": 1,
    }
    imputed = shop.query("select imputed_features from marts.customers where imputed_features <> ''")
    assert quality["imputed"].to_dict() == imputed["imputed_features"].value_counts().to_dict()


def test_ids_keep_their_zeros_and_rejected_rows_their_text(shop):
    assert shop.query("select count(*) as n from marts.customers where length(customer_id) = 5")["n"][0] == 242
    rejected = shop.query("select * from staging.rejected_customers").set_index("rejection_reason")
    values = json.loads(rejected.loc["no usable feature", "source_values"])
    assert {header.lower(): value for header, value in values.items()} == {
        "member no": "00900",
        "store": "South, upper floor",
        "visits per month": "?",
        "basket value ($)": None,
    }


def test_classify_customer_takes_the_features_of_the_own_segmentation(shop):
    answer = shop.query("select segment_name from marts.classify_customer(visits := 15, basket_value := 100)")
    assert answer["segment_name"][0] == "High visits, high basket value"


def test_the_shop_is_published(shop, tmp_path):
    publish(shop.path, tmp_path)
    page = (tmp_path / "dashboard.html").read_text(encoding="utf-8")
    assert "High visits, high basket value" in page
    lists = {file.stem: pd.read_csv(file, dtype=str) for file in tmp_path.glob("segments/shopping/*.csv")}
    assert {name: len(members) for name, members in lists.items()} == {
        "high-visits-high-basket-value": 45,
        "high-basket-value-low-visits": 55,
        "high-visits-low-basket-value": 61,
        "low-visits-low-basket-value": 81,
    }


def test_ids_that_parquet_holds_as_numbers_become_plain_text(new_warehouse):
    path = new_warehouse.folder / "customers.parquet"
    duckdb.sql(f"""
        copy (
            select cast(range as double) as "CustomerID", 'Male' as "Genre", 20 + range as "Age",
            cast(range * 1.5 as decimal(9, 2)) as "annual income (K$)",
            cast(1 + range as text) as "Spending Score (1-100)"
            from range(7, 12)
        ) to '{path}' (format parquet)
    """)
    project_vars = {"customers_file": str(path)}
    new_warehouse.dbt("run", "-s", "+observed_features", project_vars=project_vars)
    observed = new_warehouse.query("select * from features.observed_features order by age")
    assert observed["customer_id"].tolist() == ["7", "8", "9", "10", "11"]
    assert observed["annual_income_k"].tolist() == [10.5, 12.0, 13.5, 15.0, 16.5]


@pytest.mark.parametrize("other_column", ["note", "File_Row_Number"])
def test_rows_of_parquet_files_are_counted_through_all_files(new_warehouse, other_column):
    """One file after the other, also where a column has the name of what DuckDB counts by."""
    customers = duckdb.sql(f"""
        select 'c' || n % 90_000 as "CustomerID", 'Male' as "Gender", 20 + n % 50 as "Age",
        n % 89 as "Annual Income (k$)", 1 + n % 97 as "Spending Score (1-100)", 7 as "{other_column}"
        from range(100_000) as numbers (n)
    """)
    for name, start, rows in (("2.parquet", 0, 30_000), ("b.parquet", 30_000, 1), ("c.parquet", 30_001, 69_999)):
        customers.limit(rows, start).write_parquet(str(new_warehouse.folder / name), row_group_size=10_000)
    project_vars = {"customers_file": str(new_warehouse.folder / "*.parquet")}
    new_warehouse.dbt("run", "-s", "+stg_customers", project_vars=project_vars)
    rows = new_warehouse.query("""
        select source_row_number, customer_id, age, rejection_reason is not null as is_rejected
        from staging.stg_customers order by source_row_number
    """)
    numbers = np.arange(100_000)
    assert rows["source_row_number"].tolist() == (numbers + 1).tolist()
    assert rows["customer_id"].tolist() == [f"c{number % 90_000}" for number in numbers]
    assert rows["age"].tolist() == (20.0 + numbers % 50).tolist()
    assert rows["is_rejected"].tolist() == (numbers >= 90_000).tolist()


@pytest.mark.long
def test_a_table_of_the_warehouse_and_a_file_with_only_a_header_build(new_warehouse):
    with duckdb.connect(str(new_warehouse.path)) as connection:
        connection.execute("create schema shop")
        connection.execute(f"create table shop.customers as from read_csv('{DATA / 'shop_members.csv'}') limit 0")
    project_vars = yaml.safe_load((DATA / "shop_members.yml").read_text())
    project_vars |= {"customers_file": None, "customers_table": "shop.customers"}
    new_warehouse.dbt("build", project_vars=project_vars)
    assert new_warehouse.query("select * from marts.customers").empty

    path = new_warehouse.folder / "header.csv"
    path.write_text(HEADER)
    new_warehouse.dbt("build", project_vars={"customers_file": str(path)})
    quality = new_warehouse.query("select * from marts.data_quality")
    assert quality["row_count"].sum() == 0


def customer_columns(**columns) -> dict:
    return {"customer_id": {"from": ["CustomerID"]}, "age": {"from": ["Age"]}} | columns


@pytest.mark.parametrize(
    ("project_vars", "sentence"),
    [
        ({"customers_file": "{folder}/none*.csv"}, "var customers_file: no file matches"),
        ({"customers_file": "{folder}/quote.csv"}, "line 2 of"),
        ({"custmers_file": "a.csv"}, "there is no `custmers_file`; did you mean `customers_file`?"),
        (
            {
                "customers_file": "{folder}/four.csv",
                "segmentations": {"mine": {"features": {"age": 1}, "n_clusters": 4}},
            },
            "var segmentations: n_clusters is 4, but the features of `mine` take only 4 different values",
        ),
        *further(
            ({"customers_file": "{folder}/empty.csv"}, "is empty; give a file with at least a header"),
            ({"customers_file": "{folder}/text.parquet"}, "holds text where its ending says Parquet"),
            ({"customers_file": "{folder}/gzip.csv"}, "holds gzip where its ending says text"),
            ({"customers_file": "{folder}/book.xlsx"}, "save the customers as CSV or Parquet"),
            ({"customers_file": "{folder}/few.csv"}, "`age` comes from Age, which is not among the source's columns"),
            ({"customers_table": "shop.none"}, "var customers_table: there is no table `shop.none`"),
            ({"campaigns_table": "shop.none"}, "var campaigns_table: there is no table `shop.none`"),
            ({"segmentations": {"mine": {"features": {"agee": 1}}}}, "`mine`: there is no `agee`; did you mean `age`?"),
            ({"segmentations": {"mine": {"features": {"age": 0}}}}, "make it a number over 0"),
            ({"random_seed": "many"}, "var random_seed: it is `many`; make it a whole number"),
            ({"boundary_membership": 2}, "var boundary_membership: it is 2; use a number of at least 0 and at most 1"),
            ({"gates": {"smalest_share": 0.1}}, "did you mean `smallest_share`?"),
            ({"as_of": "2026-02-30"}, "var as_of: it is `2026-02-30`; make it a day, as in 2026-11-25"),
            ({"value_features": {"spending_scor": 1}}, "did you mean `spending_score`?"),
            ({"customer_columns": customer_columns(order={})}, "`order` is taken"),
            ({"customer_columns": customer_columns(visits={"type": "numbr"})}, "did you mean `number`?"),
            ({"customer_columns": customer_columns(visits={"fromm": "a"})}, "did you mean `from`?"),
            ({"customer_columns": customer_columns(visits={"min": 5, "max": 1})}, "has min 5 over max 1; swap them"),
            ({"customer_columns": customer_columns(**{"Big Spender": {}})}, "`Big Spender` cannot be a name here"),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_work_stops_with_one_sentence(new_warehouse, project_vars, sentence):
    folder = new_warehouse.folder
    (folder / "empty.csv").touch()
    (folder / "text.parquet").write_text(FOUR_CUSTOMERS)
    (folder / "gzip.csv").write_bytes(gzip.compress(FOUR_CUSTOMERS.encode()))
    (folder / "book.xlsx").write_bytes(b"PK\x03\x04")
    (folder / "quote.csv").write_bytes(FOUR_CUSTOMERS.splitlines()[0].encode() + b'\n""\xa0\n')
    (folder / "few.csv").write_text("CustomerID,Gender\n1,Male\n")
    (folder / "four.csv").write_text(FOUR_CUSTOMERS)
    given = json.loads(json.dumps(project_vars).replace("{folder}", str(folder)))
    result = new_warehouse.dbt("build", project_vars=given, check=False)
    assert result.returncode != 0
    assert sentence in result.stdout.replace("\n", " ")
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.long
def test_a_missing_date_counts_from_the_day_that_its_column_names(new_warehouse, tmp_path):
    days = pd.date_range("2026-01-01", periods=30, freq="D")
    source = tmp_path / "members.csv"
    pd.DataFrame({"Id": range(30), "Since": days.strftime("%Y-%m-%d").where(days.day % 5 > 0, "")}).to_csv(source)
    columns = {"customer_id": {"from": "Id"}, "since": {"from": "Since", "type": "date", "fill": "2025-12-02"}}
    project_vars = {
        "customers_file": str(source),
        "customer_columns": columns,
        "segmentations": {"newness": {"features": {"since": 1}}},
        "value_features": {"since": -1},
    }
    new_warehouse.dbt("run", "--select", "+segmentation_features", project_vars=project_vars)
    filled = new_warehouse.query("select fill_value from features.segmentation_features")
    # The newest day is 29 January, since that of the 30th is missing.
    assert filled["fill_value"].tolist() == [58]
