"""Values that are made to break or to run something are published as the texts they are."""

import csv
import random

import duckdb
import pytest

from mall_segments.cli import main

SCRIPT = "</script><script>window.hit=1</script>"
VALUES = [
    "a\vb",
    "c\x1fd",
    "e\ufffff",
    "\u202eabc",
    SCRIPT,
    'a"b',
    "O'Brien",
    "{{ 7*7 }}",
    "=1+1",
    "\ufeff=1+1",
    "\u200b@sum(a1)",
    "a;=1+1",
    "../../outside",
    "'; drop table marts.customers; --",
    "x" * 1_000_000,
]
SETTINGS = {
    "segmentations": {"shopping": {"features": {"visits": 1, "basket": 1}}},
    "customer_columns": {
        "customer_id": {"from": ["id"]},
        "label": {"from": ["label"], "type": "category", "label": f"label {SCRIPT} \x0b"},
        "visits": {"from": ["visits"], "type": "number", "min": 0, "unit": SCRIPT},
        "basket": {"from": ["basket"], "type": "number", "min": 0},
    },
    "value_features": {"visits": 1, "basket": 1},
    "fixed_features": [],
}


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    chance = random.Random(3)
    centers = [(5, 20), (5, 90), (30, 20), (30, 90)]
    return [
        {
            "id": f"{VALUES[index % (len(VALUES) - 1)]}-{index}",
            # The long text stands in one row, which is nearly as long as the reader takes.
            "label": VALUES[index % (len(VALUES) - 1)] if index else VALUES[-1],
            "visits": round(max(0, chance.gauss(centers[index % 4][0], 1)), 2),
            "basket": round(max(0, chance.gauss(centers[index % 4][1], 5)), 2),
        }
        for index in range(120)
    ]


def test_hostile_values_are_published_whole_and_run_nowhere(rows, new_warehouse, tmp_path, capsys):
    source = tmp_path / "hostile.csv"
    with source.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    new_warehouse.dbt("build", project_vars=SETTINGS | {"customers_file": str(source)})
    before = set(tmp_path.iterdir())
    folder = tmp_path / "exports"
    assert main(["publish", str(folder), "--warehouse", str(new_warehouse.path)]) == 0, capsys.readouterr().err
    assert set(tmp_path.iterdir()) - before == {folder}

    with duckdb.connect(str(folder / "segments.duckdb"), read_only=True) as published:
        ids = {customer for (customer,) in published.sql("select customer_id from marts.customers").fetchall()}
        rejected = published.sql(
            "select cast(sum(row_count) as integer) from marts.data_quality where kind = 'rejected'"
        ).fetchall()
    assert len(ids) == len(rows)
    assert rejected == [(0,)]
    assert {"a\vb-14", f"{SCRIPT}-4"} <= ids

    page = (folder / "dashboard.html").read_text(encoding="utf-8")
    assert "<script>window.hit" not in page
    assert "\v" not in page
    assert "\x1f" not in page
    assert len(list(folder.glob("charts/*.svg"))) > 5

    csv.field_size_limit(10_000_000)
    listed = []
    for file in folder.glob("segments/*/*.csv"):
        with file.open(newline="", encoding="utf-8") as cells:
            listed += [cell for row in csv.reader(cells) for cell in row]
    assert listed
    assert not [cell for cell in listed if cell.lstrip("\ufeff\u200b ")[:1] in {"=", "@"}]
