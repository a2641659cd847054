"""What would move a typed customer to another segment, against a search that knows nothing of borders."""

import numpy as np
import pandas as pd
import pytest
from project import further

from mall_segments.page import dashboard_html
from tests.page.form import ask

MOVES = """(rows) => rows.map((values) => {
  const form = document.getElementById("classify-form");
  form.querySelectorAll("[name]").forEach((field, i) => { field.value = values[i]; });
  form.requestSubmit();
  return [...document.querySelectorAll(".answer .move")].map(({ dataset }) => ({ ...dataset }));
})"""
CUSTOMERS = 12
STEPS = 501  # of the search, over what a number may be; it then looks between two of them as closely, four times


def first_is(frames, segmentation: str) -> dict[str, pd.DataFrame]:
    ordered = frames["segmentations"].assign(other=frames["segmentations"]["segmentation"] != segmentation)
    return frames | {"segmentations": ordered.sort_values("other", kind="stable").reset_index(drop=True)}


def with_logarithm(frames) -> dict[str, pd.DataFrame]:
    """Income on a logarithm, held between 20 and 90, which leaves segments that it cannot lead to."""
    centers = frames["form_centers"].copy()
    is_income = centers["feature"] == "annual_income_k"
    centers.loc[is_income, ["transform", "scale", "low_fence", "high_fence"]] = ["log", 0.4, 20.0, 90.0]
    return first_is(frames | {"form_centers": centers}, "income_spending")


def nearest(centers: pd.DataFrame, customers: pd.DataFrame) -> np.ndarray:
    """Find the nearest segment of many customers; the lower number wins a tie."""
    total = 0
    ids = np.sort(centers["segment_id"].unique())
    for (feature, level), rows in centers.groupby(["feature", "level"]):
        row = rows.iloc[0]
        values = customers[feature]
        if level:
            at = np.where(values.isna(), row["fill_value"], (values == level).astype(float)).astype(float)
        else:
            low, high = (
                np.nan_to_num([row["low_fence"]], nan=-np.inf)[0],
                np.nan_to_num([row["high_fence"]], nan=np.inf)[0],
            )
            at = values.astype(float).fillna(row["fill_value"]).clip(low, high).to_numpy()
        middles = rows.set_index("segment_id")["center"].loc[ids].to_numpy()
        if row["transform"] == "log":
            at, middles = (np.sign(each) * np.log1p(np.abs(each)) for each in (at, middles))
        total = total + ((at[:, None] - middles[None, :]) / row["scale"]) ** 2
    return ids[np.argmin(np.round(total, 12), axis=1)]


def searched(centers: pd.DataFrame, customer: dict, feature: str, transform: str) -> float | None:
    """Walk away from a customer's number in both directions until the segment is another; return the nearest border."""
    row = centers[centers["feature"] == feature].iloc[0]
    start = customer[feature]
    ends = [limit if pd.notna(limit) else far for limit, far in ((row["valid_min"], -1e4), (row["valid_max"], 1e4))]
    own = nearest(centers, pd.DataFrame([customer]))[0]
    found = []
    for end in ends:
        inside, outside = start, end
        for _ in range(4):
            walk = np.linspace(inside, outside, STEPS)
            repeated = pd.DataFrame({name: [value] * STEPS for name, value in customer.items()})
            is_away = nearest(centers, repeated.assign(**{feature: walk})) != own
            if not is_away.any():
                break
            inside, outside = walk[is_away.argmax() - 1], walk[is_away.argmax()]
        else:
            found.append(outside)
    size = (lambda value: np.sign(value) * np.log1p(abs(value))) if transform == "log" else float
    return min(found, key=lambda border: abs(size(border) - size(start)), default=None)


CASES = {
    "income_spending": lambda frames: first_is(frames, "income_spending"),
    "demographic": lambda frames: first_is(frames, "demographic"),
    "logarithm": with_logarithm,
}


@pytest.mark.parametrize("case", ["demographic", *further("income_spending", "logarithm")])
def test_the_smallest_changes_are_those_that_a_search_finds(frames, opened, case):
    shown = CASES[case](frames)
    own_rows = "segmentation == @shown['segmentations']['segmentation'][0]"
    centers = shown["form_centers"].query(own_rows)
    fields = shown["form_fields"].query(own_rows).sort_values("feature_position")
    with opened(dashboard_html(shown), is_folded=True) as page:
        order = page.locator("#classify-form [name]").evaluate_all("all => all.map((field) => field.name)")
        rng = np.random.default_rng(5)
        drawn = {
            "age": rng.integers(0, 121, CUSTOMERS),
            "annual_income_k": rng.uniform(0, 160, CUSTOMERS).round(1),
            "spending_score": rng.integers(1, 101, CUSTOMERS),
            "gender": rng.choice(["Female", "Male"], CUSTOMERS),
        }
        customers = [{name: drawn[name][row].item() for name in order} for row in range(CUSTOMERS)]
        customers[0]["annual_income_k"] = None
        typed = [["" if value is None else str(value) for value in each.values()] for each in customers]
        told = page.evaluate(MOVES, typed)
    n_borders = 0
    for customer, moves in zip(customers, told, strict=True):
        own = nearest(centers, pd.DataFrame([customer]))[0]
        assert [move["feature"] for move in moves if customer[move["feature"]] is None] == []
        for field in fields.itertuples():
            said = [move for move in moves if move["feature"] == field.feature]
            if field.is_category:
                levels = centers.loc[centers["feature"] == field.feature, "level"].unique()
                others = [level for level in levels if level != customer[field.feature]]
                lead = nearest(centers, pd.DataFrame([customer | {field.feature: level} for level in others]))
                assert {move["to"]: int(move["segmentId"]) for move in said} == {
                    level: segment for level, segment in zip(others, lead, strict=True) if segment != own
                }
                continue
            if customer[field.feature] is None:
                continue
            transform = centers.loc[centers["feature"] == field.feature, "transform"].iloc[0]
            border = searched(centers, customer, field.feature, transform)
            assert len(said) == (border is not None), (customer, field.feature, border, said)
            for move in said:
                to = float(move["to"])
                assert float(move["border"]) == pytest.approx(border, rel=1e-6, abs=1e-6)
                assert abs(to - customer[field.feature]) >= abs(border - customer[field.feature])
                assert abs(to - border) <= 0.011 * max(abs(border), 1)
                assert (
                    nearest(centers, pd.DataFrame([customer | {field.feature: to}]))[0] == int(move["segmentId"]) != own
                )
                n_borders += 1
    assert n_borders > CUSTOMERS


def test_the_answer_says_the_changes_smallest_first(opened, frames):
    scales = frames["form_centers"].query("segmentation == 'income_spending'").groupby("feature")["scale"].first()
    customers = {"annual_income_k": (60, 45, 88, 30), "spending_score": (3, 61, 39, 62)}
    rows = list(zip(*customers.values(), strict=True))
    firsts = set()
    with opened(dashboard_html(frames), is_folded=True) as page:
        for row, moves in zip(rows, page.evaluate(MOVES, [[str(value) for value in row] for row in rows]), strict=True):
            at = dict(zip(customers, row, strict=True))
            sizes = [abs(float(move["border"]) - at[move["feature"]]) / scales[move["feature"]] for move in moves]
            assert sizes == sorted(sizes)
            firsts.add(moves[0]["feature"])
        assert firsts == set(customers)
        names = frames["segments"].query("segmentation == 'income_spending'").set_index("segment_id")["segment"]
        (first, *_), to = moves, float(moves[0]["to"])
        change = to - at[first["feature"]]
        label, unit = ("Spending score", "points") if first["feature"] == "spending_score" else ("Annual income", "k$")
        sign = "+" if change > 0 else "\u2212"
        said = f"{label} {to:g} {unit} ({sign}{abs(change):.4g}): {names[int(first['segmentId'])]}"
        assert page.locator(".answer .move").first.inner_text() == said
        assert page.locator(".answer dt").all_inner_texts()[:3] == ["How sure", "Runner-up", "What would change it"]


def test_sliders_move_the_customer_within_what_is_valid(opened, frames):
    narrowed = frames["form_fields"].copy()
    narrowed.loc[narrowed["feature"] == "spending_score", ["lowest", "highest"]] = [-20.0, 400.0]
    with opened(dashboard_html(frames | {"form_fields": narrowed}), is_folded=True) as page:
        assert not page.locator("#sliders").is_visible()
        ask(page, [["60", ""]])
        score, income = page.locator("#slide-spending_score"), page.locator("#slide-annual_income_k")
        assert [score.get_attribute("min"), score.get_attribute("max")] == ["1", "100"]
        assert income.input_value() == "60"
        # What is not known stands where it is filled in, and is still not known.
        assert score.input_value() == "50"
        assert page.input_value("#field-spending_score") == ""
        assert page.locator("label[for=slide-annual_income_k]").inner_text() == "Move annual income"
        before = page.locator("#answer h3").inner_text()
        income.focus()
        for _ in range(45):
            page.keyboard.press("ArrowRight")
        assert page.input_value("#field-annual_income_k") == "105"
        assert income.get_attribute("aria-valuetext") == "105 k$"
        assert page.evaluate("document.activeElement.id") == "slide-annual_income_k"
        assert page.locator("#answer h3").inner_text() != before
        asked = page.locator(".answer").evaluate("box => box.dataset.distance")
        page.click("#classify-form button[type=submit]")
        assert page.locator(".answer").evaluate("box => box.dataset.distance") == asked
        page.fill("#field-annual_income_k", "x")
        assert page.locator(".answer").count() == 0
        assert not page.locator("#sliders").is_visible()


@pytest.mark.parametrize(
    ("income", "score", "unit", "meant"),
    [
        ("75,000", "50", "k$", "75"),
        *further(
            ("75000", "50", "k$", "75"),
            ("75,000", "50", "kEUR", "75"),
            ("75000", "50", "kg", None),  # no thousands
            ("75,5", "50", "k$", "75.5"),
            ("75", "50", "k$", None),
            ("9000000", "50", "k$", None),
            ("60", "1,0", "k$", "1"),
        ),
    ],
)
def test_a_number_that_was_probably_meant_is_offered(opened_with_unit, income, score, unit, meant):
    page = opened_with_unit(unit)
    page.fill("#field-annual_income_k", income)
    page.fill("#field-spending_score", score)
    page.click("#classify-form button[type=submit]")
    offers = page.locator(".suggestion")
    assert offers.all_inner_texts() == ([f"Did you mean {meant}?"] if meant else [])
    if meant:
        offers.click()
        field = "annual_income_k" if score == "50" else "spending_score"
        assert page.input_value(f"#field-{field}") == meant
        assert page.evaluate("document.activeElement.id") == f"field-{field}"
        assert page.locator(".answer").count() == 1
        assert page.locator("[aria-invalid]").count() == 0
        assert offers.count() == 0


@pytest.fixture(scope="module")
def opened_with_unit(opened, frames):
    """Pages by the unit of income, each opened once."""
    pages = {}
    contexts = []

    def opened_once(unit: str):
        if unit not in pages:
            fields = frames["form_fields"].copy()
            fields.loc[fields["feature"] == "annual_income_k", "unit"] = unit
            contexts.append(opened(dashboard_html(frames | {"form_fields": fields}), is_folded=True))
            pages[unit] = contexts[-1].__enter__()
        return pages[unit]

    yield opened_once
    for context in contexts:
        context.__exit__(None, None, None)
