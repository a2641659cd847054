"""Numbers as people of a country write and type them: on the page, in pictures and in sentences."""

import csv
import json
import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import vl_convert
from playwright.sync_api import Page

from mall_segments.charts import published_charts
from mall_segments.frames import read_frames
from mall_segments.numbers import NumberFormat, formatted, in_marks, measured, number_format, written
from mall_segments.page import dashboard_html
from mall_segments.publish import publish
from tests.page.form import ask

GERMAN = {"decimal_mark": ",", "grouping_mark": "."}
NUMBER = re.compile(r"(?<![\w.,:#/-])\d+(?:[.,]\d+)+(?![\w-])")
IN_GERMAN = re.compile(r"(\d{1,3}(\.\d{3})*|\d+)(,\d+)?")
TEXTS = """() => {
  const spoken = document.querySelectorAll("[aria-label]:not([aria-hidden] *)");
  const found = [...spoken].map((each) => each.getAttribute("aria-label"));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    if (!texts.currentNode.parentElement.closest("script, style")) found.push(texts.currentNode.data);
  }
  return found;
}"""


def in_format(frames: dict[str, pd.DataFrame], **marks: str) -> dict[str, pd.DataFrame]:
    """The same frames of a project that writes numbers otherwise."""
    return frames | {"totals": frames["totals"].assign(**marks)}


@pytest.mark.parametrize(
    ("marks", "thousands", "millions"),
    [
        ({}, "1,234.50", "-12,345,678"),
        (GERMAN, "1.234,50", "-12.345.678"),
        ({"grouping_mark": "'"}, "1'234.50", "-12'345'678"),
        ({"decimal_mark": ",", "grouping_mark": ""}, "1234,50", "-12345678"),
        ({"digit_groups": "lakhs"}, "1,234.50", "-1,23,45,678"),
    ],
)
def test_numbers_have_the_marks_of_the_project(marks, thousands, millions):
    with number_format({"totals": pd.DataFrame([{"customers": 3} | marks])}):
        assert formatted(1234.5, ",.2f") == thousands
        assert written(-12345678, 8) == millions
    assert formatted(1234.5, ",.2f") == "1,234.50"


@pytest.mark.parametrize(
    ("sign", "place", "unit", "amount"),
    [
        ("€", "after", "€", "-52 €"),
        ("€", "after", "k€", "-52 k€"),
        ("$", "before", "$", "-$52"),
        ("$", "before", "k$ per year", "-$52k per year"),
        ("CHF", "before", "CHF", "-CHF\u00a052"),
        ("$", "before", "points", "-52 points"),
        ("", "before", "", "-52"),
        ("m", "before", "minutes", "-52 minutes"),
    ],
)
def test_the_sign_of_a_currency_stands_where_the_project_has_it(sign, place, unit, amount):
    totals = pd.DataFrame([{"currency_sign": sign, "currency_place": place}])
    with number_format({"totals": totals}):
        assert measured("-52", unit) == amount


def test_sentences_that_know_no_format_get_its_marks_and_other_texts_stay():
    with number_format({"totals": pd.DataFrame([GERMAN])}):
        assert (
            in_marks("5 neighbors within 0.37 (adjusted Rand 0.95).") == "5 neighbors within 0,37 (adjusted Rand 0,95)."
        )
        assert in_marks("no number. At all") == "no number. At all"


def test_sentences_of_the_warehouse_have_the_marks_too(warehouse):
    project_vars = {
        "number_format": {"decimal": ".", "grouping": ",", "groups": "lakhs"},
        "currency": {"sign": "₹", "place": "before"},
    }
    values = [0, 0.26, -0.04, 999.4, 999.96, -1000, 1234.5, -98765.25, 1234567, 99999999999999]
    rows = " union all ".join(f"select {i} as place, cast({value} as double) as x" for i, value in enumerate(values))
    sql = (
        "select {{ plain_text('x') }} as plain, {{ with_unit(plain_text('x', 0), 'k₹') }} as amount "
        f"from ({rows}) as own order by place"
    )
    shown = warehouse.dbt(
        "show", "--quiet", "--inline", sql, "--limit", "50", "--output", "json", project_vars=project_vars
    )
    found = pd.DataFrame(json.loads(shown.stdout[shown.stdout.index("{") :])["show"])
    assert found["plain"].tolist() == [
        *("0", "0.3", "0", "999.4", "1,000", "-1,000", "1,234.5", "-98,765.3", "12,34,567", "9,99,99,99,99,99,999"),
    ]
    assert found["amount"].tolist()[-4:-1] == ["₹1,235k", "-₹98,765k", "₹12,34,567k"]


def test_a_page_in_german_reads_what_is_typed_in_german(frames, opened):
    english = [["52.5", "39"], ["15.25", "99.5"], ["120", "20"]]
    with opened(dashboard_html(frames)) as page:
        expected = ask(page, english)
    with opened(dashboard_html(in_format(frames, **GERMAN))) as page:
        found = ask(page, [[text.replace(".", ",") for text in row] for row in english])
        pd.testing.assert_frame_equal(found.drop(columns="notes"), expected.drop(columns="notes"))
        page.fill("#field-annual_income_k", "52.5")
        page.click("#classify-form button[type=submit]")
        error = page.locator("#error-annual_income_k")
        assert "Use digits and a decimal comma" in error.inner_text()
        assert page.locator(".answer").count() == 0
        error.get_by_role("button", name="Did you mean 52,5?").click()
        assert page.input_value("#field-annual_income_k") == "52,5"
        assert page.locator(".answer").count() == 1
        slide = page.locator("#slide-annual_income_k")
        slide.evaluate("(each) => { each.step = 0.5; each.value = 60.5; each.dispatchEvent(new Event('input')); }")
        assert page.input_value("#field-annual_income_k") == "60,5"


def result_of(page: Page, text: str) -> list[list[str]]:
    page.fill("#pasted", text)
    page.click("#file-go")
    page.wait_for_selector("#file-save")
    with page.expect_download() as download:
        page.click("#file-save")
    return list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8").splitlines(), delimiter=";"))


def test_files_have_points_between_commas_and_commas_between_semicolons(frames, opened):
    with opened(dashboard_html(in_format(frames, **GERMAN))) as page:
        with_points = result_of(page, "annual_income_k,spending_score\n52.5,39\n15.25,99\n")
        with_commas = result_of(page, "annual_income_k;spending_score\n52,5;39\n15,25;99\n")
        assert with_points == with_commas
        assert with_points[1][:2] == ["52,5", "39"]
        assert re.fullmatch(r"0(,\d+)?", with_points[1][with_points[0].index("margin")])
        # A point between semicolons may part thousands: nobody is classified by a guess.
        page.fill("#pasted", "annual_income_k;spending_score\n1.234;39\n")
        page.click("#file-go")
        assert "“1.234” is not a number. Use digits and a decimal comma" in page.locator(".problems").inner_text()


def test_pictures_have_the_marks_of_the_project(frames):
    large = frames["segments"].assign(customers=frames["segments"]["customers"] * 1000)
    charts = published_charts(in_format(frames | {"segments": large}, **GERMAN))
    sizes = vl_convert.vegalite_to_svg(charts["income_spending_segment_sizes"].to_dict())
    axis = set(re.findall(r">(\d+\.\d+|\d+,\d+)</text>", sizes))
    assert {"20.000", "40.000"} <= axis
    assert not [text for text in axis if "," in text]


@pytest.mark.long
def test_a_german_shop_writes_every_number_in_german(new_warehouse, opened, tmp_path):
    rng = np.random.default_rng(5)
    orders = pd.DataFrame(
        {
            "Kunde": [f"K{number}" for number in rng.integers(1000, 1300, 4000)],
            "Datum": pd.Timestamp("2026-11-25") - pd.to_timedelta(rng.integers(0, 500, 4000), unit="D"),
            "Betrag": rng.lognormal(6, 1, 4000).round(2),
        }
    )
    orders.to_csv(tmp_path / "orders.csv", index=False)
    new_warehouse.dbt(
        "build",
        project_vars={
            "purchases_file": str(tmp_path / "orders.csv"),
            "purchase_columns": {"customer": "Kunde", "date": "Datum", "amount": "Betrag"},
            "segmentations": {"shopping": {"features": {"recency_days": 1, "average_basket": 1, "revenue": 1}}},
            "value_features": {"revenue": 1},
            "number_format": {"decimal": ",", "grouping": "."},
            "currency": {"sign": "€", "place": "after"},
        },
    )
    publish(new_warehouse.path, tmp_path / "exports")
    with opened((tmp_path / "exports" / "dashboard.html").read_text(encoding="utf-8")) as page:
        texts = page.evaluate(TEXTS)
    numbers = [number for text in texts for number in NUMBER.findall(text)]
    assert len(numbers) > 200
    assert [number for number in numbers if not IN_GERMAN.fullmatch(number)] == []
    assert any("." in number for number in numbers)
    assert re.search(r"\d\.\d{3}(,\d+)? €", " ".join(texts))
    # Numbers of four digits and more are grouped wherever they stand.
    assert [text for text in texts if re.search(r"(?<![\w.,-])\d{4,}(?![\w-])", text)] == []
    with duckdb.connect(str(new_warehouse.path), read_only=True) as connection:
        reasons = connection.sql("select reason from marts.customer_segments").df()["reason"]
        customers = connection.sql("from marts.customers").df().set_index("customer_id")
        assert NumberFormat.of(read_frames(connection)) == NumberFormat(",", ".", "thousands", "€", "after")
    assert reasons.str.contains(r"revenue \d\.\d{3}(?:,\d)? € against \d+\.\d{3}(?:,\d)? €").any()
    assert not reasons.str.contains(r"\d\.\d\b|\d{4}").any()
    listed = pd.concat(
        pd.read_csv(path, sep=";", decimal=",", dtype={"customer_id": str})
        for path in (tmp_path / "exports" / "segments" / "shopping").glob("*.csv")
    ).set_index("customer_id")
    assert len(listed) == len(customers)
    np.testing.assert_allclose(listed["revenue"], customers.loc[listed.index, "revenue"], atol=0.006)
