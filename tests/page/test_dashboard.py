"""The dashboard as people meet it: in a real browser, by keyboard, in the dark, on a phone, on paper."""

import base64
import hashlib
import re

import duckdb
import numpy as np
import pandas as pd
import pytest
import vl_convert
from playwright.sync_api import Page
from project import further
from scipy.spatial.distance import cdist
from sklearn.metrics import pairwise_distances_argmin

from mall_segments.charts import published_charts
from mall_segments.frames import read_frames
from mall_segments.page import dashboard_html
from mall_segments.wording import Wording
from tests.page.boxes import WIDTHS, faint_words, misplaced_words, printed_faults, serious_faults
from tests.page.form import ask

SIZES = {"wide": 1280, "narrow": 360}


@pytest.fixture(scope="module")
def desk(opened, html):
    """Share one page among the tests that leave it as they found it, or do not mind."""
    with opened(html) as page:
        yield page


# Width of the letters a to z in Arial, as a multiple of the font size: the sum of their advance widths.
ARIAL_ALPHABET = 12.728
FONT_WIDTH = """() => {
  const context = document.createElement("canvas").getContext("2d");
  context.font = "100px Arial";
  return [..."abcdefghijklmnopqrstuvwxyz"].reduce((sum, letter) => sum + context.measureText(letter).width, 0) / 100;
}"""
WORDS_OUTSIDE = """() => {
  const frame = document.querySelector("svg").getBoundingClientRect();
  return [...document.querySelectorAll("svg text")].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1;
  }).map((text) => text.textContent);
}"""


def test_words_of_published_pictures_lie_within_them(browser, exports):
    page = browser.new_page()
    if page.evaluate(FONT_WIDTH) != pytest.approx(ARIAL_ALPHABET, rel=0.01):
        pytest.skip("no font with the metrics of Arial here")
    outside = {}
    for picture in sorted(exports.glob("charts/*.svg")):
        page.set_content(picture.read_text(encoding="utf-8"))
        outside[picture.name] = page.evaluate(WORDS_OUTSIDE)
    page.close()
    assert len(outside) > 20
    assert {name: words for name, words in outside.items() if words} == {}


def test_page_carries_everything_with_it_and_stays_small(html, desk):
    assert len(html.encode()) < 3_000_000
    assert desk.locator(".chart svg").count() == desk.locator(".chart").count() > 30
    assert desk.evaluate("performance.getEntriesByType('resource').length") == 0


def test_page_is_the_same_every_time(frames, html):
    assert dashboard_html(frames) == html


def test_form_answers_as_scikit_learn_does(desk, warehouse):
    centroids = warehouse.query("select * from clustering.segment_centroids where segmentation = 'income_spending'")
    features = ["annual_income_k", "spending_score"]
    centers = centroids.pivot(index="segment_id", columns="feature", values="center")[features]
    scales = centroids.drop_duplicates("feature").set_index("feature")["scale"][features].to_numpy()
    rng = np.random.default_rng(3)
    grid = np.array([(income, score) for income in range(0, 151, 10) for score in range(1, 101, 5)], float)
    points = np.vstack([grid, rng.uniform([0, 1], [160, 100], (300, 2)).round(3)])

    answers = ask(desk, [[f"{income:g}", f"{score:g}"] for income, score in points])

    distances = cdist(points / scales, centers / scales)
    nearest = pairwise_distances_argmin(points / scales, centers / scales)
    assert (answers["segment_id"] == centers.index[nearest]).all()
    ranked = np.sort(distances, axis=1)
    assert (answers["runner_up_segment_id"] == centers.index[np.argsort(distances, axis=1)[:, 1]]).all()
    assert answers["margin"].to_numpy() == pytest.approx(1 - ranked[:, 0] / ranked[:, 1], abs=1e-9)
    assert answers["distance"].to_numpy() == pytest.approx(ranked[:, 0])


def test_form_names_the_segment_the_runner_up_and_the_first_action(desk, warehouse):
    ask(desk, [["85", "80"]])
    answer = desk.locator("#answer").inner_text()
    first = warehouse.query("""
        select action from marts.segment_marketing_actions
        where segmentation = 'income_spending' and segment_name = 'High income, high spending' and priority = 1
    """)
    assert "VIP" in answer
    assert "High income, high spending" in answer
    margin = warehouse.query("select margin from marts.classify_customer(85, 80)")["margin"][0]
    assert f"{100 * margin:.0f} % nearer to this segment" in answer
    assert "Everyday Core" in answer
    assert first["action"][0] in answer
    ask(desk, [["160", "80"]])
    assert "Outside the range of today's customers: annual income" in desk.locator("#answer").inner_text()


def test_form_says_what_it_filled_in_and_what_it_held(desk, warehouse):
    fences = warehouse.query("""
        select feature, max(fill_value) as fill, max(high_fence) as high from clustering.segment_centroids
        where segmentation = 'income_spending' group by all
    """).set_index("feature")
    income, score = (f"{fences['fill'][feature]:g}" for feature in ("annual_income_k", "spending_score"))
    answers = ask(desk, [["", "50"], ["-5", "50"], ["60", "101"], ["900", "50"], ["", "0"], ["60", "50"]])
    assert answers["notes"].tolist() == [
        f"Not known, so filled in: annual income ({income} k$ taken).",
        f"Not a valid value, so taken as not known: annual income (from 0; {income} k$ taken).",
        f"Not a valid value, so taken as not known: spending score (1 to 100; {score} points taken).",
        f"Too far out to count in full: annual income (counts as {fences['high']['annual_income_k']:g} k$). "
        "Take the answer as a hint.",
        "Nothing is known of this customer: the answer is where the figures that are filled in belong. "
        f"Not a valid value, so taken as not known: spending score (1 to 100; {score} points taken). "
        f"Not known, so filled in: annual income ({income} k$ taken).",
        "",
    ]


def test_nothing_old_stays_shown_once_something_else_is_typed(desk):
    ring = desk.locator("[data-view='segment_map-0'] svg text", has_text="Typed").last
    for wrong_or_half_typed in ("sixty", "6"):
        ask(desk, [["85", "80"]])
        desk.wait_for_function("node => node.getAttribute('opacity') !== '0'", arg=ring.element_handle())
        desk.fill("#field-annual_income_k", wrong_or_half_typed)
        desk.wait_for_function("node => node.getAttribute('opacity') === '0'", arg=ring.element_handle())
        assert desk.locator("#answer").inner_text() == "The answer appears here."
    ask(desk, [["85", "80"]])
    desk.evaluate("document.getElementById('field-annual_income_k').value = 'x'")
    desk.click("button[type=submit]")
    desk.wait_for_function("node => node.getAttribute('opacity') === '0'", arg=ring.element_handle())
    assert desk.locator("#answer").inner_text() == "No answer: correct the marked field."


@pytest.mark.parametrize(
    ("income", "score", "wrong", "message"),
    [
        ("sixty", "50", "annual_income_k", "is not a number"),
        ("60", "1e3", "spending_score", "is not a number"),
        ("60", "50,5", "spending_score", "is not a number"),
    ],
)
def test_form_says_what_is_wrong_and_goes_there(desk, income, score, wrong, message):
    desk.fill("#field-annual_income_k", income)
    desk.fill("#field-spending_score", score)
    desk.click("button[type=submit]")
    assert message in desk.locator(f"#error-{wrong}").inner_text()
    assert desk.locator(f"#field-{wrong}").get_attribute("aria-invalid") == "true"
    assert desk.evaluate("document.activeElement.name") == wrong
    assert desk.locator("[aria-invalid]").count() == 1
    assert desk.locator(".answer").count() == 0


def test_typed_customer_appears_on_the_map(desk):
    ask(desk, [["100", "20"]])
    ring = desk.locator("[data-view='segment_map-0'] svg text", has_text="Typed").last
    desk.wait_for_function("node => node.getAttribute('opacity') !== '0'", arg=ring.element_handle())
    before = ring.bounding_box()
    ask(desk, [["20", "20"]])
    desk.wait_for_timeout(300)
    assert ring.bounding_box()["x"] < before["x"] - 100


PLACES = """() => {
  const [dots, , ring] = document.querySelectorAll("[data-view='segment_map-0'] .mark-symbol");
  const at = (path) => path.getAttribute("transform").match(/-?[\\d.]+/g).slice(0, 2).map(Number);
  return [[...dots.querySelectorAll("path")].map(at), at(ring.querySelector("path"))];
}"""


def test_a_typed_customer_appears_where_the_same_customer_is_drawn(frames, warehouse, opened):
    """Over more than two features as well: SQL placed the mark of the customer, the page the one that is typed."""
    segmentations = frames["segmentations"].sort_values("segmentation", ignore_index=True)
    assert segmentations["segmentation"][0] == "demographic"
    points = frames["map_points"].query("segmentation == 'demographic' and point > 0")
    customers = warehouse.query("from marts.customers").set_index("customer_id")
    with opened(dashboard_html(frames | {"segmentations": segmentations})) as page:
        for place in (0, 57, 199):
            customer = customers.loc[points["customer_id"].iloc[place]]
            known = [str(customer[name]) for name in ("age", "annual_income_k", "spending_score", "gender")]
            ask(page, [known])
            page.wait_for_timeout(200)
            dots, ring = page.evaluate(PLACES)
            assert ring == pytest.approx(dots[place], abs=0.5)
        ring = page.locator("[data-view='segment_map-0'] svg text", has_text="Typed").last
        ask(page, [["40", "", "", ""]])
        page.wait_for_function("node => node.getAttribute('opacity') !== '0'", arg=ring.element_handle())
        ask(page, [["", "", "", ""]])
        page.wait_for_function("node => node.getAttribute('opacity') === '0'", arg=ring.element_handle())


def test_highlighting_a_segment_fades_the_others(desk):
    faded = "() => document.querySelectorAll(\"[data-view='segment_map-0'] svg path[opacity='0.08']\").length"
    assert desk.evaluate(faded) == 0
    desk.locator("#classify select").select_option(label="VIP")
    desk.wait_for_function(f"({faded})() === 161")
    desk.locator("#classify select").select_option(label="All segments")
    desk.wait_for_function(f"({faded})() === 0")


def test_keyboard_alone_reaches_and_uses_the_form(opened, html):
    with opened(html) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == "annual_income_k":
                break
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        page.keyboard.type("20")
        page.keyboard.press("Tab")
        page.keyboard.type("85")
        page.keyboard.press("Enter")
        answer = page.locator("#answer")
        assert answer.get_attribute("aria-live") == "polite"
        assert "Mall Devotees" in answer.inner_text()
        for expected in (
            "",
            "slide-annual_income_k",
            "slide-spending_score",
            "",
        ):  # the button, sliders, the answer's link
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.id") == expected
        assert page.evaluate("document.activeElement.getAttribute('href')").startswith("#income-spending-")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "SELECT"


@pytest.mark.parametrize(
    ("size", "scheme"), [("wide", "light"), ("narrow", "dark"), *further(("wide", "dark"), ("narrow", "light"))]
)
def test_axe_finds_nothing_serious(opened, html, size, scheme):
    with opened(html, SIZES[size], scheme) as page:
        ask(page, [["60", "50"]])
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        assert serious_faults(page) + faint_words(page) == []


def test_the_page_calls_a_segment_by_one_name_which_its_card_explains(frames, desk):
    """The full name stands below the name of the card and of the form's answer, and nowhere else."""
    ask(desk, [["85", "80"]])
    named = dict(zip(frames["segments"]["segment_name"], frames["segments"]["nickname"], strict=True))
    cards = desk.locator(".card").evaluate_all(
        "all => all.map((card) => [card.querySelector('.name').innerText, card.querySelector('h3').innerText])"
    )
    assert len(cards) == 9
    assert dict(cards) == named
    assert desk.locator("#answer .name").inner_text() == "High income, high spending"
    elsewhere = desk.evaluate("""() => {
      const copy = document.body.cloneNode(true);
      copy.querySelectorAll("script, .name").forEach((part) => part.remove());
      const labels = [...copy.querySelectorAll("[aria-label]")].map((each) => each.getAttribute("aria-label"));
      return [copy.textContent, ...labels].join(" ");
    }""")
    assert [name for name in named if name in elsewhere] == []
    assert [name for name in named.values() if name not in elsewhere] == []


def test_every_chart_is_described_with_its_findings(desk):
    descriptions = desk.locator(".chart[role=img]").evaluate_all("all => all.map((chart) => chart.ariaLabel)")
    assert min(map(len, descriptions)) > 40
    assert any("VIP 39 (20%)" in each for each in descriptions)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_word_is_cut_off_or_lies_on_another_and_nothing_scrolls_sideways(opened, html, width):
    with opened(html, width) as page:
        ask(page, [["60", "50"]])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        overflowing = page.locator(".chart").evaluate_all(
            "all => all.filter((c) => c.querySelector('svg').getBoundingClientRect().right > innerWidth).length"
        )
        assert overflowing == 0
        assert misplaced_words(page) == []
        if width == 768:
            assert printed_faults(page) == []


def luminance(page: Page, script: str) -> float:
    red, green, blue = page.evaluate(f"({script}).match(/[\\d.]+/g).slice(0, 3).map(Number)")
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


LABEL = "getComputedStyle(document.querySelector('.chart svg .mark-text text')).fill"
BACKGROUND = "getComputedStyle(document.querySelector('.figure')).backgroundColor"


def test_charts_follow_light_and_dark_without_being_drawn_anew(opened, html):
    with opened(html, scheme="dark") as page:
        assert luminance(page, LABEL) > 0.6
        assert luminance(page, BACKGROUND) < 0.2
        page.emulate_media(color_scheme="light")
        assert luminance(page, LABEL) < 0.45
        assert luminance(page, BACKGROUND) > 0.9


def test_paper_gets_dark_ink_open_plans_and_no_controls(opened, html):
    with opened(html, scheme="dark", is_folded=True) as page:
        page.emulate_media(media="print")
        assert luminance(page, BACKGROUND) > 0.9
        assert luminance(page, LABEL) < 0.45
        for hidden in ("nav", "#classify-form", "#classify select"):
            assert not page.locator(hidden).is_visible()
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open]):not(.evidence)").count() == 0
        assert page.locator("details[open]").count() >= 5
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.locator("details[open]").count() == 0
        # Two pages that sum up and one for each of the five segments.
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 7


HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\"'&{{ 7*7 }}"


def test_hostile_values_are_shown_not_run(frames, opened):
    hostile = {name: frame.copy() for name, frame in frames.items()}
    victim = frames["segments"].query("segmentation == 'income_spending'")["segment_name"].iloc[0]
    for frame in hostile.values():
        if "segment_name" in frame:
            texts = frame.columns.intersection(["segment_name", "segment", "persona", "description"])
            frame.loc[frame["segment_name"] == victim, texts] = HOSTILE
    for name in ("feature_figures", "form_fields", "profile_cells", "top_customers"):
        frame = hostile[name]
        for column in ("label", "unit"):
            frame.loc[frame["feature"] == "annual_income_k", column] = HOSTILE
    hostile["segment_marketing_actions"].loc[:, ["action", "offer", "objective"]] = HOSTILE
    hostile["top_customers"].loc[0, "customer_id"] = HOSTILE
    hostile["segment_points"].loc[:, "customer_id"] = HOSTILE
    hostile["segment_categories"].loc[:, "value"] = HOSTILE
    hostile["segmentations"].loc[:, "reason"] = HOSTILE

    with opened(dashboard_html(hostile)) as page:
        ask(page, [["85", "80"]])
        assert page.locator("#answer h3").inner_text() == HOSTILE
        assert page.locator(".customers strong").first.inner_text() == HOSTILE
        page.locator("[data-view='segment_map-0'] .mark-symbol path").nth(20).hover(force=True)
        page.wait_for_selector("#vg-tooltip-element.visible")
        assert "<img src=x" in page.locator("#vg-tooltip-element").inner_text()
        assert page.locator("img").count() == 0


def test_only_the_scripts_of_the_page_itself_may_run(html, browser, tmp_path):
    """The policy names them by their hashes, so neither a script in a value nor a text made into a program can run."""
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    directives = dict(each.strip().split(maxsplit=1) for each in policy.split(";"))
    scripts = re.findall(r'<script(?: type="module")?>(.*?)</script>', html, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert directives["script-src"].split() == [f"'sha256-{own}'" for own in hashes]
    assert directives["default-src"] == directives["base-uri"] == directives["form-action"] == "'none'"
    # What could run if a value were ever written as markup; the way that the page has for it is to run nothing.
    tried = (
        "<script>window.hit = 1</script><img src=x onerror='window.hit = 2'><a href='javascript:window.hit = 3'>x</a>"
    )
    path = tmp_path / "tried.html"
    path.write_text(html.replace("<body>", f"<body>{tried}", 1), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.locator("a[href^=javascript]").click()
    assert page.evaluate("window.hit") is None
    # The browser lets the test evaluate, so the page itself has to try: a handler that is allowed calls eval.
    assert (
        page.evaluate("""
        () => new Promise((done) => {
          // What was blocked before may be told as late as now.
          document.addEventListener("securitypolicyviolation", ({ blockedURI }) => {
            if (blockedURI === "eval") done("eval");
          });
          setTimeout(() => { try { eval("1"); } catch {} }, 0);
          setTimeout(() => done("nothing was blocked"), 2000);
        })
    """)
        == "eval"
    )
    page.close()


def test_empty_warehouse_says_that_there_are_no_customers(new_warehouse):
    new_warehouse.dbt("build", "--empty")
    with duckdb.connect(str(new_warehouse.path), read_only=True) as connection:
        frames = read_frames(connection)

    assert published_charts(frames) == {}
    page = dashboard_html(frames)
    assert "There are no customers yet" in page
    assert "<script" not in page


def test_customers_that_are_all_alike_are_said_to_be_too_few_to_segment(frames):
    alike = {name: frame.iloc[:0] for name, frame in frames.items()}
    alike |= {name: frames[name] for name in ("totals", "feature_figures", "segmentations")}
    page = dashboard_html(alike)
    assert "Too few different customers to find segments among: 200." in page
    assert "All source rows" in page
    assert "<script" not in page


def test_doubts_are_shown_where_they_matter(frames, opened):
    doubtful = {name: frame.copy() for name, frame in frames.items()}
    reason = "No natural groups: no number of segments that was tried leaves gaps between all of them."
    doubtful["segmentations"]["reason"] = reason
    doubtful["segmentations"]["is_natural"] = False
    doubtful["criterion_votes"] = frames["criterion_votes"].iloc[:0]
    doubtful["doubts"] = pd.DataFrame(
        [
            ("", "9 of 20 rows are rejected."),
            ("income_spending", "The model in use, version 1: champion for want of one that passes every gate."),
            ("demographic", "The model in use, version 2: champion: pinned; stability 0.5 is under 0.6."),
        ],
        columns=["segmentation", "doubt"],
    )
    with opened(dashboard_html(doubtful)) as page:
        assert "the data show no natural groups" in page.locator(".summary").inner_text()
        for section, doubt in {"count": 1, "demographic": 2, "quality": 0}.items():
            shown = page.locator(f"#{section} .doubts li").all_inner_texts()
            assert shown == [doubtful["doubts"]["doubt"][doubt]]
        for section in ("count", "demographic"):
            assert page.locator(f"#{section} .reason").inner_text() == reason


def test_first_comes_who_they_are_then_what_changed_then_what_to_do(desk):
    shown = desk.locator("section").evaluate_all("all => all.map((section) => section.id)")
    assert shown[:4] == ["segments", "changes", "actions", "campaigns"]
    assert shown[-2:] == ["quality", "glossary"]


def test_the_last_changes_are_told_with_their_causes(frames, opened):
    changed = {name: frame.copy() for name, frame in frames.items()}
    ids = frames["segments"].query("segmentation == 'income_spending'").set_index("segment")["segment_id"]
    vip, core = ids["VIP"], ids["Everyday Core"]
    moves = [
        ("income_spending", 2, "2026-03-05", vip, core, "customer changed", 99),  # the clock was set back afterwards
        ("income_spending", 3, "2026-02-05", None, core, "customer joined", 1200),
        ("income_spending", 3, "2026-02-05", None, vip, "customer joined", 4),
        ("income_spending", 3, "2026-02-05", 77, None, "customer left", 2),
        ("income_spending", 3, "2026-02-05", core, vip, "model changed", 3),
        ("demographic", 4, "2026-03-05", None, 1, "customer joined", 5),
    ]
    columns = ["segmentation", "build_number", "moved_at", "from_segment_id", "to_segment_id", "cause", "customers"]
    changed["segment_migrations"] = pd.DataFrame(moves, columns=columns).astype({"moved_at": "datetime64[us]"})
    changed["segment_migrations"][["from_segment", "to_segment"]] = None
    with opened(dashboard_html(changed)) as page:
        section = page.locator("#changes")
        assert "Seen on 2026-02-05" in section.locator(".lead").inner_text()
        assert section.locator(".changes > li").evaluate_all(
            "all => all.map((each) => each.innerText.split('\\n'))"
        ) == [
            ["1,204 joined", "1,200 to Everyday Core", "4 to VIP"],
            ["2 left", "2 from a segment that is no more"],
            ["3 moved because the model changed, and not their figures", "3 from Everyday Core to VIP"],
        ]


def test_the_first_screen_says_who_they_are_what_changed_and_what_to_do(frames, opened):
    ids = frames["segments"].query("segmentation == 'income_spending'").set_index("segment")["segment_id"]
    moves = pd.DataFrame(
        [
            ("income_spending", 3, "2026-02-05", None, ids["VIP"], "customer joined", 1200),
            ("income_spending", 3, "2026-02-05", ids["Everyday Core"], ids["VIP"], "customer changed", 3),
        ],
        columns=["segmentation", "build_number", "moved_at", "from_segment_id", "to_segment_id", "cause", "customers"],
    ).astype({"moved_at": "datetime64[us]"})
    moves[["from_segment", "to_segment"]] = None
    with opened(dashboard_html(frames | {"segment_migrations": moves}), is_folded=True) as page:
        screen = page.locator(".answers")
        box = screen.bounding_box()
        assert box["y"] + box["height"] < 900
        who, changed, now = screen.locator("> div").all_inner_texts()
        assert who.split("\n")[1:] == [
            f"{row.nickname} {int(100 * row.share + 0.5)}%"
            for row in frames["segments"].itertuples()
            if row.segmentation == "income_spending"
        ]
        assert changed.split("\n")[1:3] == ["1,200 joined", "3 moved because their own figures changed"]
        assert "Seen on 2026-02-05" in changed
        assert [line.split(":")[0] for line in now.split("\n")[1:4]] == ["VIP", "Mall Devotees", "Everyday Core"]
        page.locator(".answers a", has_text="Everyday Core").click()
        assert page.evaluate("location.hash") == "#income-spending-1"


def test_evidence_is_folded_and_drawn_when_it_is_asked_for(opened, html):
    with opened(html, is_folded=True) as page:
        folded = page.locator("section:has(> .evidence:not([open]))").evaluate_all("all => all.map((each) => each.id)")
        assert folded == [
            *("customers", "count", "fit", "trust", "profiles", "demographic", "quality", "glossary"),
        ]
        drawn = "(id) => document.querySelectorAll(`#${id} svg`).length"
        assert page.evaluate(drawn, "classify") == 1
        assert [page.evaluate(drawn, section) for section in folded] == [0] * len(folded)
        page.locator("nav a", has_text="Profiles").click()
        page.wait_for_function(f"() => ({drawn})('profiles') >= 4 && document.documentElement.dataset.drawn")
        assert page.evaluate(drawn, "fit") == 0
        # An address that leads into what is folded opens it.
        page.evaluate("location.hash = '#demographic-2'")
        page.wait_for_selector("#demographic .evidence[open]")
        page.wait_for_function(f"() => ({drawn})('demographic') > 5")
        page.locator("#fit summary").focus()
        page.keyboard.press("Enter")
        page.wait_for_function(f"() => ({drawn})('fit') === 2")


def test_terms_lead_to_what_they_mean(desk):
    sections = desk.evaluate("""() => [...document.querySelectorAll("main > section")].map((section) =>
      [...section.querySelectorAll(".term")].map((term) => term.getAttribute("popovertarget")))""")
    assert all(len(set(terms)) == len(terms) for terms in sections)
    told = {term for terms in sections for term in terms}
    assert {"term-simplified-silhouette", "term-standard-deviation", "term-gap-statistic", "term-held-out"} <= told
    assert desk.evaluate("(ids) => ids.every((id) => document.getElementById(id).matches('[popover]'))", list(told))
    term = desk.locator("#profiles .term[popovertarget=term-standard-deviation]")
    term.focus()
    desk.keyboard.press("Enter")
    meaning = desk.locator("#term-standard-deviation")
    assert meaning.is_visible()
    assert "distance of a customer from the mean" in meaning.inner_text()
    desk.keyboard.press("Escape")
    assert not meaning.is_visible()
    assert term.inner_text() == "Standard deviations"
    assert desk.locator(".glossary dt").count() == desk.locator("[popover]").count()


def test_a_first_build_says_that_nobody_has_moved(desk):
    assert "Nobody has joined, left or moved" in desk.locator("#changes").inner_text()


def test_the_page_says_of_what_day_model_and_build_it_is(frames, desk):
    day = frames["segmentations"]["as_of"][0]
    assert desk.locator(".facts").inner_text() == (
        f"As of {day:%Y-%m-%d} · model versions: income spending 1, demographic 1 · source: mall_customers · "
        "no warnings of the build"
    )
    assert desk.locator(".warnings").count() == 0
    doubtful = frames | {"doubts": pd.DataFrame([("", "One."), ("", "Two.")], columns=["segmentation", "doubt"])}
    page = dashboard_html(doubtful)
    assert "2 warnings of the build" in page
    assert re.findall("<li>(.*)</li>", page[page.index('class="warnings"') : page.index('class="answers"')]) == [
        "One.",
        "Two.",
    ]


def test_a_build_without_doubts_shows_none(desk):
    assert desk.locator(".doubts").count() == 0
    assert "natural groups" not in desk.locator(".summary").inner_text()


def test_rejected_rows_and_imputed_features_are_counted(new_warehouse, opened):
    path = new_warehouse.folder / "customers.csv"
    rows = [
        f"{number},{'Male' if number % 2 else 'Female'},{20 + number},{15 + number * 7},{(number * 37) % 90 + 5}"
        for number in range(1, 13)
    ]
    rows += ["12,Male,32,99,54", ",Male,30,40,50", "13,Female,?,40,50", "14,,,,"]
    path.write_text("\n".join(["CustomerID,Gender,Age,Annual Income (k$),Spending Score (1-100)", *rows]))
    new_warehouse.dbt(
        "build",
        project_vars={"customers_file": str(path), "cluster_counts": {"min": 2, "max": 4}},
    )
    with duckdb.connect(str(new_warehouse.path), read_only=True) as connection:
        frames = read_frames(connection)
    with opened(dashboard_html(frames)) as page:
        text = page.locator("#quality").inner_text()
        for expected in (
            "duplicate customer_id\t1",
            "missing customer_id\t1",
            "no usable feature\t1",
            "All source rows\t16",
        ):
            assert expected in text
        assert "Customers that miss a feature: 1." in text


def test_customers_are_called_what_the_project_calls_them_and_their_own_values_stay(frames, opened):
    club = {name: frame.copy() for name, frame in frames.items()}
    for frame in club.values():
        if "segment" in frame:
            frame["segment"] = "Customers called " + frame["segment"]
    club["totals"] = frames["totals"].assign(customer_word="attendee & guest", customers_word="attendees & guests")
    club["top_customers"].loc[0, "customer_id"] = "customer 7"
    ours = re.compile(r"(?<![\w.])customers?(?!\w|\.\w)", re.IGNORECASE)
    with opened(dashboard_html(club)) as page:
        said = page.locator("body").inner_text()
        drawn = page.evaluate("[...document.querySelectorAll('svg text')].map(text => text.textContent)")
        labels = page.evaluate("[...document.querySelectorAll('[aria-label]')].map(each => each.ariaLabel)")
        ask(page, [["15", "39"]])
        answer = page.locator("#answer").inner_text()
    assert "Who our attendees & guests are" in said
    assert "Each mark is an attendee & guest" in said
    assert ours.findall(said) == ["customer"]
    assert "customer 7" in said
    assert any("Attendees & guests called" in text for text in drawn)
    assert any("attendees & guests" in label for label in labels)
    assert "Attendees & guests called" in answer
    assert [text for text in (*drawn, *labels, answer) if ours.search(text)] == []
    sizes = published_charts(club)["income_spending_segment_sizes"]
    svg = vl_convert.vegalite_to_svg(Wording(club).chart(sizes.to_dict()))
    assert "Attendees &amp; guests called" in svg
    assert not re.search(r">[^<]*\bcustomers?\b", svg, re.IGNORECASE)


@pytest.mark.long
def test_a_chart_of_ten_features_finds_its_width(frames, opened):
    # Headings change their place with the width, which must not make the width change for ever.
    labels = [
        *("days since the last purchase", "purchases", "revenue", "basket value", "days since the first purchase"),
        *("days between purchases", "share of sales returned", "share of the favorite category"),
    ]
    cells = frames["profile_cells"]
    name = "Many purchases, few days since the last purchase, no. " + cells["value_rank"].astype(str)
    more = cells.query("segmentation == 'income_spending' and feature_order == feature_order.min()")
    added = [
        more.assign(label=label, feature=f"feature_{place}", feature_order=place)
        for place, label in enumerate(labels, start=100)
    ]
    of_two = cells.query("segmentation != 'income_spending' or feature in ['annual_income_k', 'spending_score']")
    shop = frames | {"profile_cells": pd.concat([of_two, *added]).assign(segment=name)}
    for width in (320, 1280, 1920):
        with opened(dashboard_html(shop), width=width) as page:
            page.wait_for_timeout(300)
            assert page.locator("#figure-profile_heatmap svg").count() == 1


NAMES_BESIDE_ROWS = """([figure, row]) => {
  const middle = ({ top, bottom }) => (top + bottom) / 2;
  const boxes = (selector) => [...document.querySelectorAll(`${figure} svg ${selector}`)].map((each) =>
    each.getBoundingClientRect());
  const texts = [...document.querySelectorAll(`${figure} svg text`)];
  const names = texts.filter((text) => /no\\. \\d$/.test(text.textContent));
  const rows = boxes(row).map(middle);
  return names.map((name) => Math.min(...rows.map((at) => Math.abs(at - middle(name.getBoundingClientRect())))));
}"""
HEADINGS = """() => [...document.querySelectorAll("#figure-profile_heatmap svg text")]
  .filter((text) => /^(annual|spending|age)/.test(text.textContent))
  .map((text) => [text.querySelectorAll("tspan").length || 1, text.getBoundingClientRect().bottom])"""


def test_words_of_charts_stand_where_they_belong(frames, opened):
    """Names of three lines beside the middle of their rows, headings just above their columns, all within the chart."""
    named = {
        name: frame.assign(segment="Many purchases, few days since the last, no. " + frame["value_rank"].astype(str))
        if {"segment", "value_rank"} <= set(frame)
        else frame.copy()
        for name, frame in frames.items()
    }
    # Incomes up to just below a round number, whose label would stand half outside.
    points = named["segment_points"]
    of_income = points["feature"] == "annual_income_k"
    points.loc[of_income, "value"] = 6.8 + (points.loc[of_income, "value"] - 15) * (98.5 - 6.8) / (137 - 15)
    with opened(dashboard_html(named)) as page:
        for figure, row in (
            ("#figure-segment_sizes", ".mark-rect path"),
            ("#figure-profile_heatmap", ".mark-rect path"),
            ("#figure-age_by_segment", ".mark-rect path"),
        ):
            apart = page.evaluate(NAMES_BESIDE_ROWS, [figure, row])
            assert len(apart) == 5, figure
            assert max(apart) < 2.5, figure
        headings = page.evaluate(HEADINGS)
        assert {lines for lines, _ in headings} >= {1, 2}
        bottoms = [bottom for _, bottom in headings]
        assert max(bottoms) - min(bottoms) < 1
        clipped = page.evaluate("""() => [...document.querySelectorAll(".chart svg")].flatMap((svg) => {
          const frame = svg.getBoundingClientRect();
          return [...svg.querySelectorAll("text")].filter((text) => {
            const box = text.getBoundingClientRect();
            return box.width && (box.left < frame.left - 1 || box.right > frame.right + 1);
          }).map((text) => text.textContent);
        })""")
        assert clipped == []
