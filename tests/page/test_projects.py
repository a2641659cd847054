"""Projects that differ in kind: every word of their pages has room, and axe-core finds nothing serious.

The mall is looked at in `test_dashboard.py`, the examples of other trades in `tests/warehouse/test_examples.py`.
"""

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml
from project import PROJECT, Warehouse, further

from mall_segments.frames import read_frames
from mall_segments.page import dashboard_html
from tests.page.boxes import faults

CUSTOMERS = 240


def spread(columns: dict[str, float], groups: int, seed: int) -> pd.DataFrame:
    """Draw customers in so many groups, each about a middle of its own; the columns are of the sizes named."""
    rng = np.random.default_rng(seed)
    middles = rng.permuted(np.tile(np.linspace(0.1, 1, groups), (len(columns), 1)), axis=1).T
    group = np.arange(CUSTOMERS) % groups
    values = middles[group] * (1 + rng.normal(0, 0.02, (CUSTOMERS, len(columns))))
    return pd.DataFrame(values * list(columns.values()), columns=list(columns))


def numbers(columns: dict[str, dict]) -> dict[str, dict]:
    """Declare columns of numbers, each read from the header of its own name."""
    return {name: {"from": [name], "type": "number", **facts} for name, facts in columns.items()}


def members() -> tuple[None, dict]:
    """A shop's members: neither gender nor age, dirty rows, categories of few values."""
    return None, yaml.safe_load((PROJECT / "tests" / "data" / "shop_members.yml").read_text())


def long_words() -> tuple[pd.DataFrame, dict]:
    """Labels, units, ids and values that are longer than anybody planned for, some without a place to break."""
    labels = {
        "visits": {"label": "visits to any branch in the last twelve months", "unit": "visits"},
        "premium": {"label": "Kraftfahrzeughaftpflichtversicherungsbeitrag", "unit": "Euro je Kalendervierteljahr"},
        "answers": {"label": "share of questionnaires that came back", "unit": "% of all sent"},
    }
    rows = spread({"visits": 40, "premium": 900, "answers": 90}, 4, 1).round(1)
    rows.insert(0, "id", [f"CUSTOMER-OF-THE-NORTHERN-DISTRICT-{row:012}" for row in range(CUSTOMERS)])
    towns = ["Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "Bad Königshofen im Grabfeld", "Y"]
    rows["town"] = [towns[row % 3] for row in range(CUSTOMERS)]
    return rows, {
        "segmentations": {"contracts_and_questionnaires": {"features": dict.fromkeys(labels, 1)}},
        "customer_columns": numbers(labels) | {"town": {"type": "category", "label": "town of the first contract"}},
        "value_features": {"premium": 1},
        "customer_words": {"one": "prospective policyholder", "many": "prospective policyholders"},
    }


def twelve_segments() -> tuple[pd.DataFrame, dict]:
    """Twelve segments by two numbers and a category of many values."""
    rows = spread({"spent": 500, "orders": 60}, 12, 2).round(1)
    rows.insert(0, "id", range(1, CUSTOMERS + 1))
    rows["team"] = [f"Team {row % 18 + 1}" for row in range(CUSTOMERS)]
    return rows, {
        "segmentations": {"buying": {"features": {"spent": 1, "orders": 1}, "n_clusters": 12}},
        "customer_columns": numbers({"spent": {"unit": "$"}, "orders": {}}) | {"team": {"type": "category"}},
        "value_features": {"spent": 1},
    }


def vast_numbers() -> tuple[pd.DataFrame, dict]:
    """Numbers of all magnitudes, debts among them, beside a date; two segmentations."""
    rows = spread({"assets": 8e14, "debt": -3e9, "rate": 2e-5}, 3, 3)
    rows.insert(0, "id", [f"{row:018}" for row in range(10**17, 10**17 + CUSTOMERS)])
    rows["since"] = pd.date_range("1901-01-01", periods=CUSTOMERS, freq="120D").strftime("%Y-%m-%d")
    return rows, {
        "segmentations": {
            "wealth": {"features": {"assets": 1, "debt": 1}},
            "growth": {"features": {"rate": 1}, "n_clusters": 2},
        },
        "customer_columns": numbers({"assets": {"unit": "Rp"}, "debt": {"unit": "Rp"}, "rate": {}})
        | {"since": {"type": "date"}},
        "value_features": {"assets": 1},
    }


def other_scripts() -> tuple[pd.DataFrame, dict]:
    """Words from right to left, words without spaces, and three segmentations."""
    rows = spread({"doanh": 700, "bezoek": 30, "punten": 100}, 4, 4).round()
    rows.insert(0, "id", [f"客户-{row:04}" for row in range(CUSTOMERS)])
    cities = ["東京都千代田区霞が関一丁目", "الرياض", "תל אביב", "Αθήνα", "กรุงเทพมหานคร"]
    rows["city"] = [cities[row % 5] for row in range(CUSTOMERS)]
    return rows, {
        "segmentations": {
            "shopping": {"features": {"doanh": 1, "bezoek": 1}},
            "loyalty": {"features": {"bezoek": 1, "punten": 1}, "n_clusters": 3},
            "places": {"features": {"doanh": 1, "bezoek": 1, "punten": 1, "city": 0.5}, "n_clusters": 4},
        },
        "customer_columns": numbers(
            {
                "doanh": {"label": "إجمالي المشتريات السنوية", "unit": "ر.س"},
                "bezoek": {"label": "年間来店回数(全店舗合計)", "unit": "回"},
                "punten": {"label": "נקודות מועדון", "unit": "נק"},
            }
        )
        | {"city": {"type": "category", "label": "所在地"}},
        "value_features": {"doanh": 1},
        "customer_words": {"one": "عميل", "many": "عملاء"},
    }


@pytest.fixture(scope="module", params=further(vast_numbers, long_words, members, twelve_segments, other_scripts))
def page_of_project(request, tmp_path_factory) -> str:
    """The page of a project, built as its users would."""
    built = Warehouse(tmp_path_factory.mktemp(request.param.__name__))
    rows, project_vars = request.param()
    if rows is not None:
        rows.to_csv(built.folder / "customers.csv", index=False)
        project_vars["customers_file"] = str(built.folder / "customers.csv")
        project_vars["customer_columns"] = {"customer_id": {"from": ["id"]}, **project_vars["customer_columns"]}
        project_vars["fixed_features"] = []
    without_tests = ("build", "--exclude-resource-type", "test", "unit_test")
    built.dbt(*without_tests, project_vars=project_vars)
    if rows is not None:
        # Some leave, so that the page lists them.
        rows.iloc[20:].to_csv(built.folder / "customers.csv", index=False)
        built.dbt(*without_tests, project_vars=project_vars)
    with duckdb.connect(str(built.path), read_only=True) as connection:
        return dashboard_html(read_frames(connection))


def test_every_word_has_room_on_screens_and_paper_and_axe_finds_nothing_serious(page_of_project, opened):
    assert faults(opened, page_of_project) == {}
