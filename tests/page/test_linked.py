"""One segment chosen: marked on the whole page, its customers listed, kept in the address."""

import csv
import io

import duckdb
import pandas as pd
import pytest
from playwright.sync_api import Page

from mall_segments.frames import MOST_CUSTOMERS, read_frames
from mall_segments.page import dashboard_html
from mall_segments.page.linked import MOST_CELLS, linked_views, listed_customers, listed_moves, segment_anchor
from mall_segments.publish import spreadsheet_safe


@pytest.fixture(scope="module")
def shared(opened, html):
    with opened(html) as page:
        yield page


@pytest.fixture
def desk(shared):
    """One page for all tests, each of which finds it with nothing chosen, searched or sorted."""
    shared.select_option("#chooser", "")
    shared.fill("#find", "")
    return shared


@pytest.fixture(scope="module")
def customers(warehouse):
    return warehouse.query("from marts.customers").set_index("customer_id")


def anchor_of(frames, name: str, segmentation: str = "income_spending") -> str:
    segment = frames["segments"].query("segmentation == @segmentation and segment == @name").iloc[0]
    return segment_anchor(segmentation, segment["segment_id"])


def marked(page: Page) -> set[str]:
    return set(page.locator("[data-segment].chosen").evaluate_all("all => all.map((part) => part.dataset.segment)"))


def opacities(page: Page, figure: str, mark: str = "path") -> list[float]:
    page.wait_for_timeout(100)
    return page.locator(f"#figure-{figure} svg .mark-rect {mark}").evaluate_all(
        "all => all.map((part) => Number(part.getAttribute('opacity') ?? 1))"
    )


def ids(page: Page) -> list[str]:
    while page.locator("#more").is_visible():
        page.click("#more")
    return page.locator("#list-box tbody th").all_inner_texts()


def test_a_card_marks_its_segment_on_the_whole_page_and_escape_takes_it_back(desk, frames, customers):
    vip = anchor_of(frames, "VIP")
    button = desk.locator(f"button[data-choose={vip}]")
    assert button.get_attribute("aria-pressed") == "false"
    assert opacities(desk, "segment_sizes") == [1] * 5
    button.focus()
    desk.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    assert desk.locator("button[aria-pressed=true]").count() == 1
    assert marked(desk) == {vip}
    # First screen twice, bar of shares, card, plan, and three rows of evidence.
    assert desk.locator("[aria-current=true]").count() == desk.locator(f"[data-segment={vip}]").count() == 8
    assert desk.locator("#trust tr.chosen th").all_inner_texts() == ["VIP"] * 3
    # Charts of the other segmentation show none of its segments, and stay as they are.
    assert opacities(desk, "segment_sizes") == [1, 0.12, 0.12, 0.12, 0.12]
    assert opacities(desk, "demographic-segment_sizes") == [1] * 4
    assert desk.locator("#chooser").input_value() == vip
    assert desk.locator("#chosen").inner_text() == "39 customers, marked on the whole page"
    assert desk.locator("#found").get_attribute("role") == "status"
    assert desk.locator("#found").inner_text() == "39 customers of VIP."
    assert set(ids(desk)) == set(customers.index[customers["income_spending_nickname"] == "VIP"])
    assert desk.evaluate("location.search") == f"?segment={vip}"
    desk.keyboard.press("Escape")
    assert marked(desk) == set()
    assert opacities(desk, "segment_sizes") == [1] * 5
    assert desk.evaluate("location.search") == ""
    assert desk.locator("#found").inner_text() == "200 customers."
    assert not desk.locator("#show-all").is_visible()


def test_bars_dots_the_list_of_a_map_and_the_bar_of_shares_choose(desk, frames):
    names = frames["segments"].query("segmentation == 'income_spending'")["segment"].tolist()
    desk.locator("#figure-segment_sizes svg .mark-rect path").nth(1).click()
    assert desk.locator("#chooser option:checked").inner_text() == names[1]
    # A second click takes the choice back.
    desk.locator("#figure-segment_sizes svg .mark-rect path").nth(1).click()
    assert marked(desk) == set()
    point = frames["segment_points"].query("segmentation == 'income_spending' and point == 20").iloc[0]
    dot = desk.locator("#figure-segment_map svg .mark-symbol").first.locator("path").nth(19)
    dot.click(force=True)
    assert marked(desk) == {anchor_of(frames, point["segment"])}
    desk.locator("#classify .bindings select").select_option(label="Careful Planners")
    desk.wait_for_function("() => document.getElementById('found').textContent.endsWith('Careful Planners.')")
    desk.locator("#segments .share-bar span").nth(2).click()
    assert marked(desk) == {anchor_of(frames, names[2])}
    # The map's own list follows.
    own_list = desk.locator("#classify .bindings select").element_handle()
    desk.wait_for_function("list => list.selectedOptions[0].label === 'Everyday Core'", arg=own_list)
    desk.click("#show-all")
    assert marked(desk) == set()
    assert desk.evaluate("document.activeElement.id") == "chooser"


def test_a_segment_of_another_view_lists_its_customers_and_says_what_it_shares(desk, frames, customers):
    own = frames["segments"].query("segmentation == 'demographic'").iloc[0]
    desk.select_option("#chooser", segment_anchor("demographic", own["segment_id"]))
    members = customers[customers["demographic_segment_id"] == own["segment_id"]]
    assert set(ids(desk)) == set(members.index)
    assert marked(desk) == {segment_anchor("demographic", own["segment_id"])}
    assert opacities(desk, "segment_sizes") == [1] * 5
    assert opacities(desk, "demographic-segment_sizes") == [1, 0.12, 0.12, 0.12]
    shares = members["income_spending_nickname"].value_counts(normalize=True)
    for card in frames["segments"].query("segmentation == 'income_spending'").itertuples():
        said = desk.locator(f"[data-shared={segment_anchor(card.segmentation, card.segment_id)}]")
        whole, _, rest = said.inner_text().removeprefix("Holds ").partition("% of ")
        assert rest == own["segment"]
        assert float(whole) == pytest.approx(100 * shares.get(card.segment, 0), abs=0.51)
    assert not desk.locator("#demographic [data-shared]").first.is_visible()


def test_the_address_keeps_the_choice_for_others_and_for_the_way_back(opened, html, frames):
    vip, core = (anchor_of(frames, name) for name in ("VIP", "Everyday Core"))
    with opened(html, is_folded=True) as page:
        page.select_option("#chooser", vip)
        page.select_option("#chooser", core)
        page.go_back()
        page.wait_for_function("anchor => document.getElementById('chooser').value === anchor", arg=vip)
        assert marked(page) == {vip}
        # A link within the page keeps it.
        page.locator("nav a", has_text="How clear").click()
        assert page.evaluate("[location.search, location.hash]") == [f"?segment={vip}", "#fit"]
        page.reload()
        page.wait_for_selector("html[data-drawn]", state="attached")
        page.wait_for_selector("#figure-segment_sizes svg")
        assert marked(page) == {vip}
        assert opacities(page, "segment_sizes") == [1, 0.12, 0.12, 0.12, 0.12]
        page.evaluate("history.replaceState(null, '', '?segment=income-spending-99')")
        page.reload()
        page.wait_for_selector("html[data-drawn]", state="attached")
        assert page.locator("#chosen").inner_text() == "The segment of the address is no more."
        assert page.locator("#found").inner_text() == "200 customers."


def test_escape_in_the_search_or_from_a_term_leaves_the_choice(desk, frames):
    desk.select_option("#chooser", anchor_of(frames, "VIP"))
    desk.focus("#find")
    desk.keyboard.press("Escape")
    term = desk.locator("#profiles .term").first
    term.focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Escape")
    assert marked(desk) == {anchor_of(frames, "VIP")}
    desk.keyboard.press("Escape")
    assert marked(desk) == set()


def test_customers_are_found_sorted_and_saved_as_they_are_shown(desk, frames, customers):
    assert ids(desk) == [str(number) for number in range(1, 201)]
    desk.fill("#find", "9")
    assert ids(desk) == [str(number) for number in range(1, 201) if "9" in str(number)]
    desk.fill("#find", "no such customer")
    assert desk.locator("#found").inner_text() == "0 customers."
    assert desk.locator("#download").is_disabled()
    desk.fill("#find", "")
    desk.select_option("#chooser", anchor_of(frames, "VIP"))
    vip = customers[customers["income_spending_nickname"] == "VIP"]
    vip = vip.assign(number=vip.index.astype(int))
    headings = desk.locator(".list thead th")
    for ascending, said in [(True, "ascending"), (False, "descending")]:
        headings.nth(2).locator("button").click()
        assert headings.nth(2).get_attribute("aria-sort") == said
        assert desk.locator(".list [aria-sort]").count() == 1
        assert desk.evaluate("document.activeElement.innerText") == "Annual income (k$)"
        expected = vip.sort_values(["annual_income_k", "number"], ascending=[ascending, True]).index
        shown = ids(desk)
        assert customers.loc[shown, "annual_income_k"].tolist() == customers.loc[expected, "annual_income_k"].tolist()
    with desk.expect_download() as waiting:
        desk.click("#download")
    download = waiting.value
    assert download.suggested_filename == f"customers-{anchor_of(frames, 'VIP')}.csv"
    saved = pd.read_csv(download.path(), dtype={"customer_id": str})
    assert saved["customer_id"].tolist() == shown
    rows = customers.loc[shown]
    for name in ("age", "annual_income_k", "spending_score", "gender"):
        assert saved[name].tolist() == rows[name].tolist()
    assert saved["income_spending_segment"].tolist() == rows["income_spending_nickname"].tolist()
    assert saved["demographic_segment"].tolist() == rows["demographic_nickname"].tolist()


HOSTILE = [
    *("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "\uff1d1", "a;=1", "a|\t-1"),
    *('say "no", then', "line\nbreak", "plain", "7", "-7", "-7.5", "'", "\u200b=1", "é"),
]  # fmt: skip


def test_saved_cells_run_nowhere_as_elsewhere(frames, opened):
    """What the page saves is what publishing writes, but for texts that are plain numbers, which stay as they are."""
    with duckdb.connect() as connection:
        texts = connection.from_df(pd.DataFrame({"text": HOSTILE}))
        safe = {text for (text,) in spreadsheet_safe(texts).fetchall()}
    expected = safe - {"'-7", "'-7.5"} | {"-7", "-7.5"}
    with opened(
        dashboard_html(frames | {"customers": frames["customers"].head(len(HOSTILE)).assign(customer_id=HOSTILE)}),
        is_folded=True,
    ) as page:
        with page.expect_download() as waiting:
            page.click("#download")
        rows = list(csv.reader(io.StringIO(waiting.value.path().read_text(encoding="utf-8"), newline="")))
    assert {row[0] for row in rows[1:]} == expected
    assert len(rows) == len(HOSTILE) + 1
    assert len({len(row) for row in rows}) == 1


def test_the_page_holds_a_fair_part_of_many_customers_and_says_where_the_rest_is(frames, opened):
    part = frames["customers"].head(50)
    many = frames | {"customers": part, "totals": frames["totals"].assign(customers=1_234_567)}
    with opened(dashboard_html(many), is_folded=True) as page:
        assert page.locator("#found").inner_text() == (
            "50 customers among the 50 that the page holds, drawn from 1,234,567. "
            "The table marts.customers has all of them."
        )
        assert set(ids(page)) == set(part["customer_id"])


def test_a_page_of_as_many_customers_as_it_holds_stays_small(frames, opened):
    copies = MOST_CUSTOMERS // len(frames["customers"])
    many = pd.concat([frames["customers"]] * copies, ignore_index=True)
    many["customer_id"] = [f"CUSTOMER-{place:010}" for place in range(MOST_CUSTOMERS)]
    html = dashboard_html(frames | {"customers": many, "totals": frames["totals"].assign(customers=10_000_000)})
    assert len(html.encode()) < 2_000_000
    with opened(html, is_folded=True) as page:
        page.select_option("#chooser", anchor_of(frames, "VIP"))
        assert page.locator("#found").inner_text().startswith(f"{39 * copies} customers of VIP among the 5,000 that")
        page.click("#more")
        assert page.locator(".list tbody tr").count() == 110


def test_customers_that_the_page_holds_are_no_more_than_it_can_and_any_of_them(warehouse):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse.path}' as built (read_only)")
        connection.execute("create schema marts")
        connection.execute(f"""
            create table marts.customers as
            select customer_id || '-' || copy as customer_id from built.marts.customers
            cross join range({MOST_CUSTOMERS // 100}) as copies(copy)
        """)
        shadow = _Shadow(connection)
        customers = read_frames(shadow)["customers"]
    assert len(customers) == MOST_CUSTOMERS
    # Half of all; each of the 200 has about half of its copies among them.
    copies = customers["customer_id"].str.split("-").str[0].value_counts()
    assert len(copies) == 200
    assert copies.between(8, 42).all()


class _Shadow:
    """A warehouse whose customers are many more: every other table is that of the build."""

    def __init__(self, connection: duckdb.DuckDBPyConnection):
        self.connection = connection

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        is_many = "from marts.customers " in query
        return self.connection.sql(query if is_many else query.replace("from ", "from built.", 1))


def test_wide_lists_are_shorter_and_consent_is_told_where_it_is_not_everybodys():
    n_columns = 96
    names = [f"feature_{place}" for place in range(n_columns)]
    customers = pd.DataFrame(1.0, index=range(5000), columns=names)
    customers = customers.assign(customer_id=[f"c{row}" for row in range(5000)], may_contact=True, one_segment_id=1)
    fields = pd.DataFrame({"feature": names, "label": names, "unit": "", "is_category": False})
    held = listed_customers(customers, fields, ["one"], 5000)
    assert len(held["ids"]) * (n_columns + 3) <= MOST_CELLS
    assert len(held["ids"]) > 1000
    assert [column["name"] for column in held["columns"]] == names
    some = customers.head(3).assign(may_contact=[True, False, True], feature_0=[1.5, None, 2.0])
    held = listed_customers(some, fields.head(1), ["one"], 3)
    assert [column["values"] for column in held["columns"]] == [[1.5, None, 2], ["yes", "no", "yes"]]
    assert held["segment_ids"] == {"one": [1, 1, 1]}


def test_a_view_is_linked_in_the_order_of_the_segmentations_and_only_with_segments():
    segments = pd.DataFrame(
        [("b", 1, "One", "#111", 5), ("a_c", 2, "Two", "#222", 6)],
        columns=["segmentation", "segment_id", "segment", "color", "customers"],
    )
    views = linked_views(segments, ["empty", "a_c", "b"])
    assert [(view["title"], view["segments"][0]["anchor"]) for view in views] == [("A c", "a-c-2"), ("B", "b-1")]


def test_the_keyboard_alone_finds_sorts_and_saves_the_customers_of_a_segment(opened, html, customers):
    """What a screen reader is told on the way: names, roles and order."""
    with opened(html, is_folded=True) as page:
        page.focus(".skip")
        reach(page, "chooser")
        page.keyboard.type("VIP")
        assert page.locator("#found").inner_text() == "39 customers of VIP."
        said = page.locator("#list").aria_snapshot()
        places = [
            said.index(part)
            for part in (
                'heading "Find customers" [level=2]',
                'searchbox "Customer id contains"',
                'button "Save these 39 as CSV"',
                "status: 39 customers of VIP.",
                'columnheader "Customer ↑"',
                'columnheader "Annual income (k$)"',
                'rowheader "124"',
                'button "Show the other 29"',
            )
        ]
        assert places == sorted(places)
        reach(page, "find")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "download"
        for _ in range(3):
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.innerText") == "Annual income (k$)"
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        for _ in range(3):
            page.keyboard.press("Shift+Tab")
        with page.expect_download() as waiting:
            page.keyboard.press("Enter")
        saved = pd.read_csv(waiting.value.path(), dtype={"customer_id": str})
        vip = customers[customers["income_spending_nickname"] == "VIP"]
        assert saved["annual_income_k"].tolist() == vip["annual_income_k"].sort_values(ascending=False).tolist()
        page.keyboard.press("Escape")
        assert page.locator("#found").inner_text() == "200 customers."


def reach(page: Page, name: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    raise AssertionError(f"Tab does not lead to {name}")


@pytest.fixture(scope="module")
def moved(frames):
    """Frames with moves of three days: of five customers, one of whom left and came back."""
    ids = frames["segments"].query("segmentation == 'income_spending'").set_index("segment")["segment_id"]
    vip, core = ids["VIP"], ids["Everyday Core"]
    rows = [
        (4, "2026-03-05", "=A", None, vip, "customer joined", vip, True),
        (4, "2026-03-05", "B", vip, core, "customer changed", core, False),
        (3, "2026-02-10", "C", vip, None, "customer left", None, None),
        (3, "2026-02-10", "B", core, vip, "model changed", core, False),
        (2, "2026-01-20", "B", 77, core, "customer and model changed", core, False),
        (2, "2026-01-20", "D", core, vip, "filling changed", vip, True),
    ]
    columns = ["build_number", "moved_at", "customer_id", "from_segment_id", "to_segment_id", "cause", "segment_id"]
    moves = pd.DataFrame(rows, columns=[*columns, "may_contact"]).assign(segmentation="income_spending")
    counts = moves.assign(customers=1, from_segment=None, to_segment=None)
    return frames | {
        "recent_moves": moves.astype({"moved_at": "datetime64[us]"}),
        "segment_migrations": counts.astype({"moved_at": "datetime64[us]"}),
    }


def test_who_moved_is_found_by_segment_and_days_and_saved(moved, opened):
    with opened(dashboard_html(moved), is_folded=True) as page:

        def found() -> tuple[str, list[str]]:
            return page.locator("#moved-found").inner_text(), page.locator("#moved-box tbody th").all_inner_texts()

        # At first those whom the lines above count.
        assert found() == ("2 customers joined, moved or left on 2026-03-05.", ["=A", "B"])
        page.select_option("#moved-since", label="2026-02-10")
        assert found() == (
            "3 customers joined, moved or left from 2026-02-10 to 2026-03-05, in 4 moves.",
            ["=A", "B", "C", "B"],
        )
        page.select_option("#moved-way", "from")
        assert found()[1] == ["B", "C", "B"]
        page.select_option("#chooser", anchor_of(moved, "VIP"))
        assert found() == ("2 customers left VIP from 2026-02-10 to 2026-03-05.", ["B", "C"])
        page.select_option("#moved-way", "to")
        assert found()[1] == ["=A", "B"]
        # An end before the other takes it along.
        page.select_option("#moved-until", label="2026-01-20")
        assert page.input_value("#moved-since") == page.input_value("#moved-until")
        assert found() == ("1 customer came to VIP on 2026-01-20.", ["D"])
        # The moves are between segments of the first kind.
        other = moved["segments"].query("segmentation == 'demographic'").iloc[0]
        page.select_option("#chooser", segment_anchor("demographic", other["segment_id"]))
        assert found()[1] == ["B", "D"]
        page.select_option("#moved-until", label="2026-03-05")
        page.select_option("#moved-way", "any")
        with page.expect_download() as waiting:
            page.click("#moved-download")
        assert waiting.value.suggested_filename == "moved-2026-01-20-2026-03-05.csv"
        saved = list(csv.reader(io.StringIO(waiting.value.path().read_text())))
    assert saved == [
        ["customer_id", "day", "from_segment", "to_segment", "reason", "segment_today", "may_contact"],
        ["'=A", "2026-03-05", "", "VIP", "joined", "VIP", "yes"],
        ["B", "2026-03-05", "VIP", "Everyday Core", "own figures changed", "Everyday Core", "no"],
        ["C", "2026-02-10", "VIP", "", "left", "", "not known"],
        ["B", "2026-02-10", "Everyday Core", "VIP", "the model changed", "Everyday Core", "no"],
        [
            *("B", "2026-01-20", "a segment that is no more", "Everyday Core"),
            *("own figures and the model changed", "Everyday Core", "no"),
        ],
        ["D", "2026-01-20", "Everyday Core", "VIP", "another value is filled in", "VIP", "yes"],
    ]


def test_moves_that_the_page_does_not_hold_are_told(moved, opened):
    with opened(dashboard_html(moved | {"recent_moves": moved["recent_moves"].head(2)}), is_folded=True) as page:
        assert page.locator("#moved-found").inner_text() == (
            "2 customers joined, moved or left on 2026-03-05, among the newest 2 moves of 6. "
            "The table marts.segment_moves has all of them."
        )


def test_consent_of_those_who_are_gone_is_said_to_be_unknown_though_all_others_agree(moved):
    moves = moved["recent_moves"]
    assert listed_moves(moves.assign(may_contact=True), 6)["may_contact"] is None
    agreed = moves["may_contact"].mask(moves["may_contact"].notna(), True)
    assert listed_moves(moves.assign(may_contact=agreed), 6)["may_contact"] == [
        *("yes", "yes", "not known", "yes", "yes", "yes"),
    ]


def test_builds_of_one_day_are_told_apart(moved, opened):
    moments = pd.to_datetime(["2026-03-05 08:00:01"] * 2 + ["2026-03-05 07:59:59"] * 2 + ["2026-01-20 12:00:00"] * 2)
    moves = moved["recent_moves"].assign(moved_at=moments.astype("datetime64[us]"))
    with opened(dashboard_html(moved | {"recent_moves": moves}), is_folded=True) as page:
        assert page.locator("#moved-since option").all_inner_texts() == [
            *("2026-03-05 08:00:01", "2026-03-05 07:59:59", "2026-01-20"),
        ]
        assert page.locator("#moved-found").inner_text().endswith("on 2026-03-05 08:00:01.")
        assert page.locator("#moved-box tbody th").all_inner_texts() == ["=A", "B"]
        with page.expect_download() as waiting:
            page.click("#moved-download")
        assert waiting.value.suggested_filename == "moved-2026-03-05-08-00-01-2026-03-05-08-00-01.csv"
