# ruff: noqa: RUF001
"""How files are read: encodings, cells, headers, marks of decimals, dates, totals; and what is said of the doubtful."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from project import PROJECT, SEGMENTS_ALONE, Warehouse, further

STAGING = ("run", "-s", "+stg_customers")
SHOPPING = {"segmentations": {"shopping": {"features": {"visits": 1, "spent": 1}}}, "value_features": {"spent": 1}}


def staged(warehouse: Warehouse, content: str | bytes, columns: dict, **project_vars) -> pd.DataFrame:
    """What staging makes of one CSV file, in the order of the file."""
    path = warehouse.folder / "customers.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    first = next(name for name in columns if name != "customer_id")
    project_vars = {
        "customers_file": str(path),
        "customer_columns": columns,
        "segmentations": {"s": {"features": {first: 1}}},
    } | project_vars
    warehouse.dbt(*STAGING, project_vars=project_vars)
    return warehouse.query("select * from staging.stg_customers order by source_row_number")


@pytest.mark.parametrize(
    ("last_line", "is_regular"),
    [("1,2,3,4", True), *further(("1,2,3", False), ("1,2,3,4,5", False), ('1,2,3,"4\n5"', False))],
)
def test_a_large_file_is_read_as_python_reads_it(new_warehouse, last_line, is_regular):
    cells = ["", "plain", '"a, b"', '"she said ""no"""', '""', "é", " spaced ", "0012"]
    lines = [f"c{n},{cells[n % 8]},{cells[n * n % 7]},{n % 97}" for n in range(500_000)]
    path = new_warehouse.folder / "customers.csv"
    path.write_bytes("\r\n".join(["id,Note,other note,visits", *lines, last_line]).encode())
    project_vars = {
        "customers_file": str(path),
        "customer_columns": {
            "customer_id": {"from": "id"},
            "note": {"type": "category"},
            "other_note": {"from": "other note", "type": "category"},
            "visits": {},
        },
        "segmentations": {"s": {"features": {"visits": 1}}},
        "value_features": {"visits": 1},
    }
    new_warehouse.dbt("run", "-s", "customer_csv_rows", project_vars=project_vars)
    compiled = next((new_warehouse.folder / "target" / "compiled").rglob("customer_csv_rows.sql")).read_text()
    assert ("parallel = false" in compiled) != is_regular
    with path.open(newline="", encoding="utf-8") as file:
        expected = [(row + [""] * 4)[:4] for row in csv.reader(file)][1:]
    rows = new_warehouse.query("select * from staging.customer_csv_rows order by rowid").fillna("")
    assert rows[["id", "Note", "other note", "visits"]].to_numpy().tolist() == expected
    assert rows["__has_more_cells"].sum() == (last_line == "1,2,3,4,5")
    assert rows["__has_fewer_cells"].sum() == (last_line == "1,2,3")


def test_columns_that_nobody_named_stay_in_the_file(new_warehouse):
    columns = {"customer_id": {"from": "id"}, "visits": {}, "times": {"from": "visits"}}
    staged(new_warehouse, "e-mail,id,visits,__extra\nann@example.org,a,1,7\n", columns)
    loaded = new_warehouse.query("select * exclude (__source_file) from staging.customer_csv_rows")
    assert loaded.to_dict("records") == [
        {
            "id": "a",
            "visits": "1",
            "__file_has_semicolons": False,
            "__has_more_cells": False,
            "__has_fewer_cells": False,
        }
    ]


def test_a_run_that_does_not_load_the_file_again_says_so(new_warehouse):
    columns = {"customer_id": {"from": "id"}, "visits": {}}
    staged(new_warehouse, "id,visits\na,1\n", columns)
    path = new_warehouse.folder / "customers.csv"
    path.write_text("id,visits\na,2\n")
    project_vars = {
        "customers_file": str(path),
        "customer_columns": columns,
        "segmentations": {"s": {"features": {"visits": 1}}},
        "value_features": {"visits": 1},
    }
    for selected, visits in (("stg_customers", 1), ("+stg_customers", 2)):
        said = " ".join(new_warehouse.dbt("run", "-s", selected, project_vars=project_vars).stdout.split())
        assert ("holds them from an earlier run; to load the file again, select +stg_customers" in said) == (
            visits == 1
        )
        assert new_warehouse.query("select visits from staging.stg_customers")["visits"].tolist() == [visits]


def readings(warehouse: Warehouse) -> pd.DataFrame:
    return warehouse.query("select * from staging.column_readings").set_index("column_name")


def as_csv(rows: list[list], separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows(rows)
    return text.getvalue()


def plain(column: pd.Series) -> list:
    """The values of a column, None for each that is missing."""
    return [None if pd.isna(value) else value for value in column]


WRITTEN_AND_MEANT = [
    ("12%", 0.12),
    ("1'234.50", 1234.5),
    ("(1,234.50)", -1234.5),
    ("R$ 1.234,50", 1234.5),
    ("US$ 1,234", 1234),
    ("kr 1 234", 1234),
    ("1,50,000", 150000),
    ("+1,234", 1234),
    ("\u22125", -5),
    ("1.2e3", 1200),
    ("12 abc", None),
    ("1,2,3", None),
    ("- 7", -7),
    ("7-", None),
    (".5", 0.5),
    ("CHF 1\u2019234.50", 1234.5),
    ("-$5", -5),
    ("$-5", -5),
    ("(5", None),
    ("-(5)", None),
    ("--5", None),
    ("7 %", 0.07),
    ("1.234.567", 1234567),
    ("1,234,567", 1234567),
    ("1 234,5", 1234.5),
    ("2012-01-05", None),
    ("15k", None),
]


def test_numbers_are_read_as_people_write_them_and_others_are_counted_as_unreadable(new_warehouse):
    rows = [
        ["id", "written", "other"],
        *([number, written, 1] for number, (written, _) in enumerate(WRITTEN_AND_MEANT)),
    ]
    columns = {"customer_id": {"from": "id"}, "written": {"from": "written"}, "other": {}}
    table = staged(new_warehouse, as_csv(rows), columns)
    meant = [value for _, value in WRITTEN_AND_MEANT]
    assert plain(table["written"]) == meant
    assert (table["unreadable_columns"] == "written").tolist() == [value is None for value in meant]
    assert table["rejection_reason"].isna().all()


def test_a_column_has_one_mark_of_decimals_which_its_plain_cells_decide(new_warehouse):
    columns = {"customer_id": {"from": "id"}} | {name: {} for name in ("comma", "point", "open", "stated", "eighth")}
    columns["stated"]["decimal"] = "point"
    rows = [
        ["id", *list(columns)[1:]],
        ["1", "1.250", "1.250", "1.250", "1.250", "0,125"],
        ["2", "2,5", "2.5", "2.500", "2,500", "7"],
        ["3", "1.250,75", "1,250", "900", "900", "1,500"],
    ]
    table = staged(new_warehouse, as_csv(rows, ";"), columns)
    assert table["comma"].tolist() == [1250, 2.5, 1250.75]
    assert table["point"].tolist() == [1.25, 2.5, 1250]
    assert table["open"].tolist() == [1250, 2500, 900]
    assert table["stated"].tolist() == [1.25, 2500, 900]
    assert table["eighth"].tolist() == [0.125, 7, 1.5]
    found = readings(new_warehouse)
    assert found["is_assumed"].to_dict() == {
        "customer_id": False, "comma": False, "point": False, "open": True, "stated": False, "eighth": False,
    }  # fmt: skip
    assert "give the column `decimal: point`" in found.loc["open", "warning"]
    assert found["warning"].notna().sum() == 1

    table = staged(new_warehouse, as_csv([*rows[:2], ["2", "7,25", "x", "3", "3", "3"]]), columns)
    assert table["comma"].tolist() == [1250, 7.25]
    assert table["open"].tolist() == [1.25, 3]
    assert readings(new_warehouse).loc["open", "reading"] == "decimal point"


def test_dates_and_booleans_are_read_by_column(new_warehouse):
    columns = {"customer_id": {"from": "id"}, "spent": {}} | {
        name: {"type": "date"} for name in ("iso", "american", "british", "either", "german")
    }
    columns |= {"member": {"type": "boolean"}, "ranged": {"type": "date", "min": "2026-01-01", "max": "2026-12-31"}}
    rows = [
        ["id", *list(columns)[1:]],
        ["1", "1", "2026-03-04", "3/4/2026", "3/4/2026", "3/4/2026", "4.3.2026", "yes", "2025-12-31"],
        ["2", "1", "2026-03-04 11:12:13", "3/14/2026", "14/3/2026", "5/6/2026", "31.12.2025", "0", "2026-06-01"],
        ["3", "1", "2026-02-30", "?", "", "n/a", "soon", "perhaps", "2027-01-01"],
    ]
    table = staged(new_warehouse, as_csv(rows), columns)
    days = {name: [None if pd.isna(day) else str(day)[:10] for day in table[name]] for name in columns if name in table}
    assert days["iso"] == ["2026-03-04", "2026-03-04", None]
    assert days["american"] == ["2026-03-04", "2026-03-14", None]
    assert days["british"] == ["2026-04-03", "2026-03-14", None]
    assert days["either"] == ["2026-03-04", "2026-05-06", None]
    assert days["german"] == ["2026-03-04", "2025-12-31", None]
    assert days["ranged"] == [None, "2026-06-01", None]
    assert plain(table["member"]) == [1, 0, None]
    assert table["unreadable_columns"].tolist() == ["", "", "iso, german, member"]
    assert table["out_of_range_columns"].tolist() == ["ranged", "", "ranged"]
    warned = readings(new_warehouse)["warning"].dropna()
    assert list(warned.index) == ["either"]
    assert "give the column `day_first: true`" in warned["either"]


def test_cells_headers_ids_and_totals_of_a_spreadsheet(new_warehouse):
    content = (
        'sep=;\n"customer\nid";"spent; net";Visits\n'
        '1.0;10;1\n2.0;20;2\n"3.0";30;3;extra\n4.0;40\n5.0;50;5;;\n#N/A;1;1\nnan;1;1\nTotal;152;\nSum;999;7\n'
    )
    columns = {"customer_id": {"from": "Customer ID"}, "spent": {"from": "Spent; Net"}, "visits": {"from": ["visits"]}}
    table = staged(new_warehouse, content, columns)
    assert plain(table["customer_id"]) == ["1", "2", "3", "4", "5", None, None, "Total", "Sum"]
    assert plain(table["rejection_reason"]) == [
        None, None, "more cells than headers", None, None, "missing customer_id", "missing customer_id",
        "total of the other rows", None,
    ]  # fmt: skip
    assert table["has_fewer_cells"].tolist() == [False, False, False, True, False, False, False, False, False]
    assert plain(table["visits"])[3:5] == [None, 5]
    assert json.loads(table["source_values"][2])["spent; net"] == "30"
    assert "read without .0" in readings(new_warehouse).loc["customer_id", "warning"]


def test_the_number_of_a_row_is_an_id_on_request_only(new_warehouse):
    columns = {"customer_id": {"row_number": True}, "spent": {}}
    table = staged(new_warehouse, "spent\n10\n10\n20\n", columns)
    assert table["customer_id"].tolist() == ["1", "2", "3"]
    assert table["rejection_reason"].isna().all()


def windows_1252_file(folder: Path) -> Path:
    """40 customers as a German Excel writes them, with every character that only Windows-1252 has."""
    only_1252 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
    lines = ["Kunde;Umsatz;Stadt;Besuche"]
    for number in range(1, 41):
        city = f"Köln \\xFC {only_1252}" if number == 1 else f"München ’{number}’"
        lines.append(f"{number};1.{number:03},25 €;{city};{number % 7}")
    path = folder / "excel.csv"
    path.write_bytes("\r\n".join([*lines, ""]).encode("cp1252"))
    return path


@pytest.mark.long
def test_a_windows_1252_file_builds_from_end_to_end(new_warehouse):
    path = windows_1252_file(new_warehouse.folder)
    columns = {
        "customer_id": {"from": "Kunde"},
        "spent": {"from": "Umsatz", "unit": "€"},
        "city": {"from": "Stadt", "type": "category"},
        "visits": {"from": "Besuche"},
    }
    new_warehouse.dbt(
        *SEGMENTS_ALONE, project_vars={"customers_file": str(path), "customer_columns": columns} | SHOPPING
    )
    expected = pd.read_csv(path, sep=";", encoding="cp1252", dtype=str)
    customers = new_warehouse.query("select * from marts.customers order by cast(customer_id as integer)")
    assert customers["city"].tolist() == expected["Stadt"].tolist()
    assert customers["spent"].tolist() == [1000 + number + 0.25 for number in range(1, 41)]
    assert (new_warehouse.query("select * from marts.data_quality")["warning"].isna()).all()


def test_a_latin_1_file_builds_from_end_to_end(new_warehouse):
    path = new_warehouse.folder / "latin.csv"
    rows = [["id", "city", "visits", "spent"], *([n, "Évry", n % 9, n * 1.5] for n in range(40))]
    path.write_bytes(as_csv(rows).encode("latin-1"))
    columns = {"customer_id": {"from": "id"}, "city": {"type": "category"}, "visits": {}, "spent": {}}
    new_warehouse.dbt(
        *SEGMENTS_ALONE, project_vars={"customers_file": str(path), "customer_columns": columns} | SHOPPING
    )
    assert new_warehouse.query("select distinct city from marts.customers")["city"].tolist() == ["Évry"]


@pytest.mark.long
def test_orders_and_columns_of_another_kind_are_warned_of(new_warehouse):
    rows = [["customer", "visits", "spent", "note"]]
    rows += [[f"c{n % 20}", n % 9, n * 1.5, "text" if n % 3 else n] for n in range(100)]
    path = new_warehouse.folder / "orders.csv"
    path.write_text(as_csv(rows))
    columns = {"customer_id": {"from": "customer"}, "visits": {"max": 1}, "spent": {}, "note": {}}
    result = new_warehouse.dbt(
        "build", project_vars={"customers_file": str(path), "customer_columns": columns} | SHOPPING
    )
    said = " ".join(result.stdout.split())
    assert "80 of 100 rows repeat a customer_id" in said
    assert "give one row per customer" in said
    assert "66 of 100 values of the column note cannot be read" in said
    assert "values of the column visits lie outside its valid range" in said


@pytest.mark.parametrize("values", [["x", "y"], *further([])], ids=["many", "few"])
def test_rejected_rows_are_warned_of_above_a_fifth(new_warehouse, values):
    rows = [["id", "spent", "visits"], *([n, n, n % 5] for n in range(9)), ["?", 1, 1], *([v, "", ""] for v in values)]
    columns = {"customer_id": {"from": "id"}, "spent": {}, "visits": {}}
    staged(new_warehouse, as_csv(rows), columns)
    new_warehouse.dbt(
        "run", "-s", "+data_quality", "--exclude", "+stg_customers",
        project_vars={
            "customers_file": str(new_warehouse.folder / "customers.csv"),
            "customer_columns": columns,
        } | SHOPPING,
    )  # fmt: skip
    warning = new_warehouse.query("select warning from marts.data_quality where kind = 'source rows'")["warning"][0]
    assert ("3 of 12 rows are rejected" in str(warning)) == bool(values)


def test_the_tables_for_own_columns_keep_every_test_with_another_column(new_warehouse):
    def unit_tests(project_vars: dict | None) -> list[str]:
        listed = new_warehouse.dbt("ls", "--select", "test_type:unit", project_vars=project_vars).stdout
        return [line for line in listed.splitlines() if "unit_test:" in line]

    columns = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]["customer_columns"]
    as_it_is = unit_tests(None)
    assert as_it_is
    assert unit_tests({"customer_columns": columns | {"shoe_size": {}}}) == as_it_is


def test_every_reason_of_rejection_is_in_the_documentation(warehouse):
    reasons = warehouse.query("select item from marts.data_quality where kind = 'rejected'")["item"]
    documented = (PROJECT / "docs" / "own_data.md").read_text()
    assert len(reasons) == 6
    assert [reason for reason in reasons if f"`{reason}`" not in documented] == []
