"""Six whole tasks by keyboard alone, with what a screen reader is told on the way.

At every stop of Tab the focus has an outline, stands within the window with nothing over it, and has a name.
"""

import re
import shutil

import duckdb
import pandas as pd
import pytest
from playwright.sync_api import Page
from project import PROJECT, Warehouse

from mall_segments.frames import read_frames
from mall_segments.page import dashboard_html
from mall_segments.page.linked import segment_anchor

MOST_STOPS = 150
FOCUS = """async () => {
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
  const focused = document.activeElement;
  const { left, right, top, bottom } = focused.getBoundingClientRect();
  const at = document.elementFromPoint(left + Math.min(8, (right - left) / 2), top + Math.min(8, (bottom - top) / 2));
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  return {
    isOutlined: outlineStyle === "solid" && parseFloat(outlineWidth) >= 2,
    isWithin: top > -1 && bottom < innerHeight + 1 && left > -1 && right < innerWidth + 1,
    isUncovered: Boolean(at) && (focused.contains(at) || at.contains(focused)),
  };
}"""
TOLD = {"heading", "StaticText", "link", "button", "textbox", "searchbox", "combobox", "status", "DisclosureTriangle"}


class Reader:
    """Somebody who has a keyboard and a screen reader, and no mouse."""

    def __init__(self, page: Page):
        self.page = page
        page.emulate_media(reduced_motion="reduce")
        self.session = page.context.new_cdp_session(page)
        self.session.send("Accessibility.enable")

    def node(self) -> dict:
        """What the accessibility tree has of the element that has the focus."""
        element = self.session.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]
        asked = {"objectId": element["objectId"], "fetchRelatives": False}
        return self.session.send("Accessibility.getPartialAXTree", asked)["nodes"][0]

    def focused(self) -> tuple[str, str]:
        """Tell the role and the accessible name of what has the focus."""
        node = self.node()
        return node["role"]["value"], node.get("name", {}).get("value", "")

    def is_expanded(self) -> bool:
        """Whether what has the focus is said to be open."""
        return any(each["name"] == "expanded" and each["value"]["value"] for each in self.node()["properties"])

    def press(self, *keys: str) -> None:
        """Press one key after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, role: str, name: str, key: str = "Tab") -> None:
        """Press Tab, or Shift and Tab, until the focus is on something; look at every stop on the way."""
        for _ in range(MOST_STOPS):
            self.press(key)
            own_role, own_name = self.focused()
            assert own_name, f"a {own_role} has no name"
            seen = self.page.evaluate(FOCUS)
            assert all(seen.values()), (own_role, own_name, seen)
            if own_role == role and own_name.startswith(name):
                return
        raise AssertionError(f"Tab does not lead to the {role} {name!r}")

    def told(self, *expected: str) -> None:
        """Hold the accessibility tree to texts that it tells in this order."""
        nodes = {node["nodeId"]: node for node in self.session.send("Accessibility.getFullAXTree")["nodes"]}
        left, texts = [next(iter(nodes))], []
        while left:
            node = nodes[left.pop()]
            left += [child for child in reversed(node.get("childIds", [])) if child in nodes]
            if not node["ignored"] and node["role"]["value"] in TOLD:
                texts.append(f"{node['role']['value']}: {node.get('name', {}).get('value', '')}")
        place = 0
        for text in expected:
            found = [at for at in range(place, len(texts)) if texts[at].startswith(text)]
            assert found, f"{text!r} is not told after {texts[max(0, place - 3) : place]}"
            place = found[0] + 1

    def saved(self) -> pd.DataFrame:
        """Press the button that has the focus and read the file that comes."""
        with self.page.expect_download() as waiting:
            self.press("Enter")
        return pd.read_csv(waiting.value.path(), dtype={"customer_id": str, "CustomerID": str})


@pytest.fixture
def reader(opened, html):
    with opened(html, is_folded=True) as page:
        yield Reader(page)


@pytest.fixture(scope="module")
def customers(warehouse):
    return warehouse.query("from marts.customers").set_index("customer_id")


def test_a_segment_is_chosen_on_its_card_and_its_customers_saved(reader, customers):
    reader.tab_to("button", "Mark everywhere: VIP")
    reader.press("Enter")
    assert reader.focused() == ("button", "Mark everywhere: VIP")
    reader.told(
        "heading: Who our customers are",
        "heading: Who they are",
        "heading: What changed",
        "heading: What to do now",
        "combobox: Segment",
        "button: Show all",
        "StaticText: 39 customers, marked on the whole page",
        "heading: The segments at a glance",
        "heading: VIP",
        "button: Mark everywhere: VIP",
        "heading: Find customers",
        "button: Save these 39 as CSV",
        "StaticText: 39 customers of VIP.",
    )
    reader.tab_to("button", "Save these 39 as CSV")
    saved = reader.saved()
    assert set(saved["customer_id"]) == set(customers.index[customers["income_spending_nickname"] == "VIP"])
    assert set(saved["income_spending_segment"]) == {"VIP"}
    reader.press("Escape")
    assert reader.focused() == ("button", "Save these 200 as CSV")


def test_a_customer_is_typed_and_border_and_runner_up_are_told(reader, frames, warehouse):
    expected = warehouse.query("from marts.classify_customer(60, 80)").iloc[0]
    reader.tab_to("textbox", "Annual income")
    reader.page.keyboard.type("60")
    reader.tab_to("textbox", "Spending score")
    reader.page.keyboard.type("80")
    reader.press("Enter")
    assert reader.page.locator("#answer").get_attribute("aria-live") == "polite"
    runner_up = frames["segments"].set_index("segment_name").loc[expected["runner_up_segment_name"], "segment"]
    reader.told("textbox: Spending score", "button: Find the segment", f"heading: {expected['nickname']}")
    answer = reader.page.locator("#answer").inner_text()
    assert re.search(rf"{100 * expected['margin']:.0f}\s?% nearer to this segment than to the runner-up", answer)
    assert re.search(rf"Runner-up\s+{runner_up}", answer)
    # An arrow on a slider moves the customer, and the answer follows.
    reader.tab_to("slider", "Move annual income")
    for _ in range(40):
        reader.press("ArrowLeft")
    assert reader.page.input_value("#field-annual_income_k") == "20"
    reader.told("heading: Mall Devotees")
    reader.tab_to("link", "")
    reader.press("Enter")
    ids = frames["segments"].query("segmentation == 'income_spending'").set_index("segment")["segment_id"]
    assert reader.page.evaluate("location.hash.slice(1)") == segment_anchor("income_spending", ids["Mall Devotees"])


def test_a_file_is_chosen_classified_and_saved(reader, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("CustomerID,Annual Income (k$),Spending Score (1-100)\nA,85,80\nB,20,15\nC,sixty,50\n")
    # The browser's own dialog is what the keyboard opens; the path is typed there. It is listened for from the start,
    # since a page that is only then told to hand the dialog over may open it first.
    reader.page.on("filechooser", lambda chooser: chooser.set_files(path))
    reader.tab_to("button", "CSV file")
    reader.press("Enter")
    reader.page.wait_for_function("() => /[a-z]/.test(document.getElementById('file-said').textContent)")
    said = "2 rows have a segment; 1 row has none, as told below."
    reader.told("button: CSV file", "button: Find the segment of every row", f"StaticText: {said}", "button: Save")
    assert reader.page.locator("#file-said").get_attribute("role") == "status"
    reader.tab_to("button", "Save")
    saved = reader.saved()
    assert saved["CustomerID"].tolist() == ["A", "B", "C"]
    assert saved["segment"].fillna("").tolist() == ["VIP", "Careful Planners", ""]
    assert "“sixty” is not a number" in saved["note"][2]


def test_a_term_is_looked_up_and_evidence_opened_and_left(reader):
    reader.tab_to("button", "standard deviations")
    reader.press("Enter")
    meaning = reader.page.locator("#term-standard-deviation")
    assert meaning.is_visible()
    assert reader.is_expanded()
    reader.told(
        "button: standard deviations", "StaticText: Standard deviation", "StaticText: The usual distance of a customer"
    )
    reader.press("Escape")
    assert not meaning.is_visible()
    assert not reader.is_expanded()
    assert reader.focused() == ("button", "standard deviations")
    reader.tab_to("DisclosureTriangle", "Show the evidence: How clear the segments are")
    reader.press("Enter")
    reader.page.wait_for_selector("html[data-drawn]", state="attached")
    reader.told("heading: How clear the segments are", "heading: Silhouette of every customer")
    reader.press("Enter")
    assert not reader.page.locator("#fit .figure").first.is_visible()
    reader.tab_to("DisclosureTriangle", "Show all terms")
    reader.press("Enter")
    reader.page.locator(".glossary dt").last.wait_for()
    reader.told("DisclosureTriangle: Show all terms", "StaticText: standard deviation")


def test_customers_are_searched_sorted_and_shown(reader, customers):
    reader.tab_to("link", "Customers")
    reader.press("Enter")
    reader.tab_to("searchbox", "Customer id contains")
    reader.page.keyboard.type("9")
    with_nine = customers[customers.index.str.contains("9")]
    reader.told("searchbox: Customer id contains", f"StaticText: {len(with_nine)} customers.")
    reader.tab_to("button", "Spending score")
    reader.press("Enter", "Space")
    assert reader.page.locator(".list [aria-sort]").get_attribute("aria-sort") == "descending"
    reader.tab_to("button", "Show the other")
    reader.press("Enter")
    assert reader.page.locator(".list tbody tr").count() == len(with_nine)
    reader.tab_to("button", "Save these", key="Shift+Tab")
    saved = reader.saved()
    assert saved["spending_score"].tolist() == sorted(with_nine["spending_score"], reverse=True)


@pytest.fixture(scope="module")
def month_later(warehouse, tmp_path_factory):
    """The mall data, and a month later, when some of the best customers are gone and some spend otherwise."""
    built = Warehouse(tmp_path_factory.mktemp("later"))
    shutil.copy(warehouse.path, built.path)
    customers = pd.read_csv(PROJECT / "seeds" / "mall_customers.csv", dtype=str)
    score = customers.columns[4]
    swapped = slice(123, 138)  # high incomes, of whom every other one spends much
    customers.loc[swapped, score] = customers.loc[swapped, score].to_numpy()[::-1]
    path = built.folder / "later.csv"
    customers.drop(range(140, 150)).to_csv(path, index=False)
    built.dbt("build", "--exclude", "test_type:data", project_vars={"customers_file": str(path)})
    return built


def test_the_vips_who_left_last_month_are_found_and_saved(opened, customers, month_later):
    today = month_later.query("from marts.customers").set_index("customer_id")["income_spending_nickname"]
    vips = customers.index[customers["income_spending_nickname"] == "VIP"]
    left = [customer for customer in vips if today.get(customer) != "VIP"]
    with duckdb.connect(str(month_later.path), read_only=True) as connection:
        html = dashboard_html(read_frames(connection))
    with opened(html, is_folded=True) as page:
        reader = Reader(page)
        reader.tab_to("button", "Mark everywhere: VIP")
        reader.press("Enter")
        reader.tab_to("combobox", "Customers who")
        reader.press("ArrowDown")
        reader.told(
            "heading: What changed last",
            "heading: Who it was",
            "combobox: Customers who",
            "combobox: from",
            "combobox: to",
            f"button: Save these {len(left)} as CSV",
            f"StaticText: {len(left)} customers left VIP on 20",
        )
        assert page.locator("#moved-way").evaluate("(way) => way.selectedOptions[0].textContent") == "left VIP"
        reader.tab_to("button", f"Save these {len(left)} as CSV")
        saved = reader.saved().set_index("customer_id")
    assert sorted(saved.index) == sorted(left)
    assert set(saved["from_segment"]) == {"VIP"}
    assert saved["segment_today"].dropna().to_dict() == {
        customer: today[customer] for customer in left if customer in today
    }
    gone = saved[saved["segment_today"].isna()]
    assert set(gone["reason"]) == {"left"}
    assert gone["to_segment"].isna().all()
    assert 0 < len(gone) < len(left)
