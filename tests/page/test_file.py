"""A whole file in the page's form: classified row by row, its problems told, handed back, and sent nowhere."""

import csv
import io
import time

import pandas as pd
import pytest
from playwright.sync_api import Page

from mall_segments.page import dashboard_html
from tests.page.form import ask

HEADER = "CustomerID,Annual Income (k$),Spending Score (1-100)"


@pytest.fixture(scope="module")
def desk(opened, frames):
    """One page for all tests; that it asks the network for nothing is looked at when it closes."""
    with opened(dashboard_html(frames), is_folded=True) as page:
        yield page


def paste(page: Page, text: str) -> str:
    """Paste rows, ask for their segments and return what is said of them."""
    page.fill("#pasted", text)
    page.click("#file-go")
    page.wait_for_function("() => /[a-z]/.test(document.getElementById('file-said').textContent)")
    return page.locator("#file-said").inner_text()


def saved(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as waiting:
        page.click("#file-save")
    assert waiting.value.suggested_filename == "segments.csv"
    text = waiting.value.path().read_bytes().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_pasted_rows_get_the_answers_of_the_form(desk):
    rows = [("85", "80"), ("15", "39"), ("", "50"), ("-5", "50"), ("900", "50"), ("60", "101"), ("n/a", "12")]
    text = "\n".join([HEADER, *(f"C{place},{income},{score}" for place, (income, score) in enumerate(rows))])
    assert paste(desk, text) == "7 rows have a segment."
    found = saved(desk)
    asked = ask(desk, [list(row) for row in rows])
    names = {}
    for row in rows:
        ask(desk, [list(row)])
        names[row] = desk.locator("#answer h3").inner_text()
    assert [row["CustomerID"] for row in found] == [f"C{place}" for place in range(7)]
    assert [row["segment"] for row in found] == [names[row] for row in rows]
    assert [float(row["margin"]) for row in found] == pytest.approx(asked["margin"].tolist(), abs=5e-5)
    assert [row["note"] for row in found] == asked["notes"].tolist()
    assert [row["Annual Income (k$)"] for row in found] == [income for income, _ in rows]
    counts = pd.Series(list(names.values())).value_counts()
    assert set(desk.locator("#file-result .counts li").all_inner_texts()) == {
        f"{n} {name}" for name, n in counts.items()
    }


def test_each_row_that_cannot_be_read_says_why_and_the_others_are_answered(desk):
    rows = ["1,60,50", "2,sixty,50", "3,60,1e3", *(f"{row},x,y" for row in range(4, 10)), "10,70,20"]
    said = paste(desk, "\n".join([HEADER, *rows]))
    assert said == "2 rows have a segment; 8 rows have none, as told below."
    told = desk.locator("#file-result .problems li").all_inner_texts()
    assert told[0].startswith("Line 3: “sixty” is not a number. Use digits and a decimal point")
    assert told[1].startswith("Line 4: “1e3” is not a number.")
    assert told[-1] == "And 3 rows more, in the column “note” of the file."
    found = saved(desk)
    assert [bool(row["segment"]) for row in found] == [True, *([False] * 8), True]
    assert "“sixty” is not a number" in found[1]["note"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("60,50\n70,20", "No column of the file is one of: annual_income_k, spending_score."),
        (HEADER, "There is no row below the line that names the columns."),
        (f'{HEADER}\n1,"60,50\n', "The quote that opens on line 2 does not end"),
        (
            "annual income,Annual Income (k$),spending_score\n1,2,3",
            "“annual income” and “Annual Income (k$)” may both be annual income.",
        ),
        (" ", "Paste some rows first"),
    ],
)
def test_a_text_that_cannot_be_read_says_what_to_do_and_leaves_no_old_result(desk, text, said):
    paste(desk, f"{HEADER}\n1,60,50")
    assert desk.locator("#file-result *").count() > 0
    assert paste(desk, text).startswith(said)
    assert desk.locator("#file-result *").count() == 0


@pytest.mark.parametrize(
    "text",
    [
        "spending_score;ANNUAL_INCOME_K\r\n80;85\r\n",
        "Spending Score\tAnnual Income\n80\t85",
        '"Spending score (points)","annual income (k$)","remark"\n"80","85","two\nlines, ""quoted"""\n\n',
        "\ufeffAnnual income (k$)|spending score\n85|80",
    ],
)
def test_marks_quotes_line_ends_and_names_may_be_any(desk, text):
    assert paste(desk, text) == "1 row has a segment."
    (row,) = saved(desk)
    assert row["segment"] == "VIP"
    assert row.get("remark", 'two\nlines, "quoted"') == 'two\nlines, "quoted"'


def test_a_row_with_more_cells_than_names_is_refused_as_loading_refuses_it(desk):
    """Its values may stand under other names, as in 15,5 where 15.5 is meant."""
    rows = ["1,15,5,39", "2,60,50", "3,60,50,,", "4"]
    assert paste(desk, "\n".join([HEADER, *rows])) == "3 rows have a segment; 1 row has none, as told below."
    told = desk.locator("#file-result .problems li").all_inner_texts()
    assert told[0].startswith("Line 2: The row has 4 cells, and the first line names 3.")
    assert [bool(row["segment"]) for row in saved(desk)] == [False, True, True, True]


def test_the_line_by_which_excel_knows_the_delimiter_is_no_header(desk):
    text = f"sep=;\r\n{HEADER.replace(',', ';')}\r\n1;60;50\r\n2;sixty;50"
    assert paste(desk, text) == "1 row has a segment; 1 row has none, as told below."
    assert desk.locator("#file-result .problems li").first.inner_text().startswith("Line 4: “sixty”")


def test_a_column_that_lacks_is_told_and_filled_in(desk):
    assert paste(desk, "annual_income_k\n85") == "1 row has a segment."
    assert desk.locator("#file-result .note").inner_text() == (
        "The file has no column for spending score (spending_score): not known of anyone, so filled in."
    )
    assert "Not known, so filled in: spending score" in saved(desk)[0]["note"]


def test_saved_rows_run_nowhere_and_own_columns_stay(desk):
    paste(desk, f'{HEADER},segment,=cmd\n"=1+1",-5,50,mine,@x\n@SUM(A1),60,50,mine,"a;=b"')
    found = saved(desk)
    assert [row["CustomerID"] for row in found] == ["'=1+1", "'@SUM(A1)"]
    assert [row["Annual Income (k$)"] for row in found] == ["-5", "60"]
    assert [row["segment"] for row in found] == ["mine", "mine"]
    assert [row["'=cmd"] for row in found] == ["'@x", "a;'=b"]
    assert all(row["segment_found"] for row in found)


DROP = """([name, text]) => {
  const transfer = new DataTransfer();
  if (name) transfer.items.add(new File([text], name, { type: "text/csv" }));
  const drop = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.getElementById("file-box").dispatchEvent(drop);
  return drop.defaultPrevented;
}"""


def test_a_file_is_dropped_or_chosen_in_the_bytes_of_excel_too(desk, tmp_path):
    assert desk.evaluate(DROP, ["a.csv", f"{HEADER}\n1,85,80\n2,15,39"])
    desk.wait_for_function("() => document.getElementById('file-said').textContent === '2 rows have a segment.'")
    path = tmp_path / "excel.csv"
    path.write_bytes(f"{HEADER}\nJos\u00e9,85,80\n".encode("windows-1252"))
    desk.set_input_files("#file", path)
    desk.wait_for_function("() => document.getElementById('file-said').textContent === '1 row has a segment.'")
    assert saved(desk)[0]["CustomerID"] == "Jos\u00e9"
    assert desk.evaluate(DROP, ["", ""])
    assert desk.locator("#file-said").inner_text() == "That is no file. Drop a CSV file, or paste its text."


def test_what_is_typed_anew_takes_the_old_result_away(desk):
    paste(desk, f"{HEADER}\n1,85,80")
    desk.locator("#pasted").press("End")
    desk.keyboard.type("1")
    assert desk.locator("#file-result *").count() == 0
    assert desk.locator("#file-said").inner_text() == ""


def test_many_rows_leave_the_page_responsive(desk):
    """Twenty thousand rows in tasks of which none is long; times are of a machine that does other things as well."""
    rows = "\n".join(f"{row},{row % 140},{row % 100 + 1}" for row in range(20_000))
    desk.evaluate("""() => {
      let last = performance.now();
      window.longest = 0;
      window.beat = setInterval(() => {
        window.longest = Math.max(window.longest, performance.now() - last);
        last = performance.now();
      }, 10);
    }""")
    started = time.monotonic()
    desk.evaluate("text => { document.getElementById('pasted').value = text; }", f"{HEADER}\n{rows}")
    desk.click("#file-go")
    desk.wait_for_function("() => document.getElementById('file-said').textContent === '20,000 rows have a segment.'")
    longest = desk.evaluate("() => { clearInterval(window.beat); return window.longest; }")
    assert time.monotonic() - started < 60
    assert longest < 2000
    assert len(saved(desk)) == 20_000
