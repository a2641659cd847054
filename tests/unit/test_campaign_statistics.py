"""The statistics of campaigns against statsmodels and scipy, and against simulated truth."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportion_effectsize,
    proportions_ztest,
)

from python_models.campaign_statistics import (
    anytime_interval,
    campaign_statistics,
    customers_needed,
    detectable_uplift,
    holm,
    newcombe_interval,
    pooled_p_value,
    ratio_p_value,
    revenue_uplift,
    smallest_holdout,
    wilson_interval,
)

ARMS = [1, 2, 7, 40, 1000, 250_000]
SHARES = [0, 0.01, 0.3, 0.5, 0.97, 1]
GRID = [
    (round(treatment * share_t), treatment, round(holdout * share_h), holdout)
    for treatment, holdout, share_t, share_h in itertools.product(ARMS, ARMS, SHARES, SHARES)
]
SETTINGS = {"power": 0.8, "level": 0.05, "worthwhile_uplift": 0.05}


@pytest.mark.parametrize("level", [0.05, 0.01])
def test_intervals_are_those_of_statsmodels_at_every_share_and_size(level):
    for retained_t, treatment, retained_h, holdout in GRID:
        expected = proportion_confint(retained_t, treatment, alpha=level, method="wilson")
        assert wilson_interval(retained_t, treatment, level) == pytest.approx(expected, abs=1e-9)
        expected = confint_proportions_2indep(
            retained_t, treatment, retained_h, holdout, method="newcomb", compare="diff", alpha=level
        )
        found = newcombe_interval(retained_t, treatment, retained_h, holdout, level)
        assert found == pytest.approx(expected, abs=1e-6)


def test_newcombes_interval_is_the_published_one():
    """Newcombe (1998), table II: 56/70 against 48/80, method 10."""
    assert newcombe_interval(56, 70, 48, 80, 0.05) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_p_values_are_those_of_statsmodels_and_1_where_nobody_differs():
    for retained_t, treatment, retained_h, holdout in GRID:
        found = pooled_p_value(retained_t, treatment, retained_h, holdout)
        if retained_t + retained_h in (0, treatment + holdout):
            assert found == 1
        else:
            expected = proportions_ztest([retained_t, retained_h], [treatment, holdout])[1]
            assert found == pytest.approx(expected, abs=1e-6)


def test_holm_is_that_of_statsmodels_and_passes_over_what_is_missing():
    rng = np.random.default_rng(1)
    for size in (1, 2, 5, 20):
        p_values = rng.uniform(size=size) ** 3
        assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], abs=1e-12)
    adjusted = holm(np.array([0.01, math.nan, 0.04]))
    assert adjusted[[0, 2]] == pytest.approx([0.02, 0.04])
    assert math.isnan(adjusted[1])


@pytest.mark.parametrize(("power", "level"), [(0.8, 0.05), (0.9, 0.01), (0.5, 0.2)])
def test_what_arms_can_show_has_the_wanted_power_by_statsmodels(power, level):
    for treatment, holdout, baseline in itertools.product([20, 300, 5000], [20, 300, 5000], [0, 0.1, 0.5, 0.9]):
        uplift = detectable_uplift(treatment, holdout, baseline, power, level)
        if math.isnan(uplift):
            # Not even an uplift to 100 % would do.
            effect = proportion_effectsize(1, baseline)
            assert NormalIndPower().power(effect, treatment, level, ratio=holdout / treatment) < power
        else:
            effect = proportion_effectsize(baseline + uplift, baseline)
            reached = NormalIndPower().power(effect, treatment, level, ratio=holdout / treatment)
            assert reached == pytest.approx(power, abs=1e-6)


def test_arms_that_are_empty_or_always_retained_can_show_nothing():
    assert math.isnan(detectable_uplift(0, 50, 0.5, 0.8, 0.05))
    assert math.isnan(detectable_uplift(50, 0, 0.5, 0.8, 0.05))
    assert math.isnan(detectable_uplift(1000, 1000, 1, 0.8, 0.05))
    assert math.isnan(customers_needed(0.5, 0.97, 0.05, 0.8, 0.05))
    assert math.isnan(smallest_holdout(1, 0.5, 0.05, 0.8, 0.05))
    assert math.isnan(smallest_holdout(1000, 0.97, 0.05, 0.8, 0.05))


@pytest.mark.parametrize("baseline", [0, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("holdout_share", [0.1, 0.5])
def test_customers_needed_are_those_of_statsmodels(baseline, holdout_share):
    effect = proportion_effectsize(baseline + 0.05, baseline)
    ratio = holdout_share / (1 - holdout_share)
    treatment = NormalIndPower().solve_power(effect, power=0.8, alpha=0.05, ratio=ratio)
    assert customers_needed(holdout_share, baseline, 0.05, 0.8, 0.05) == math.ceil(treatment * (1 + ratio) - 1e-6)


@pytest.mark.parametrize("customers", [500, 3200, 20_000])
def test_one_customer_fewer_than_the_smallest_holdout_does_not_show_it(customers):
    def power(holdout: int) -> float:
        effect = proportion_effectsize(0.55, 0.5)
        return NormalIndPower().power(effect, customers - holdout, 0.05, ratio=holdout / (customers - holdout))

    fewest = smallest_holdout(customers, 0.5, 0.05, 0.8, 0.05)
    if math.isnan(fewest):
        assert power(customers // 2) < 0.8
    else:
        assert power(fewest) >= 0.8 - 1e-9 > power(fewest - 1)


def test_halves_of_an_odd_number_may_be_too_few_where_half_a_customer_more_would_do():
    def power(holdout: float, uplift: float) -> float:
        effect = proportion_effectsize(0.3 + uplift, 0.3)
        return NormalIndPower().power(effect, 21 - holdout, 0.05, ratio=holdout / (21 - holdout))

    uplift = optimize.brentq(lambda uplift: power(10.5, uplift) - 0.8, 0.1, 0.7, xtol=1e-12) + 1e-6
    assert power(10.5, uplift) > 0.8 > power(10, uplift)
    assert math.isnan(smallest_holdout(21, 0.3, uplift, 0.8, 0.05))
    assert power(10, uplift + 0.001) > 0.8 > power(9, uplift + 0.001)
    assert smallest_holdout(21, 0.3, uplift + 0.001, 0.8, 0.05) == 10


def test_sample_ratio_is_checked_as_scipy_does():
    for treatment, holdout, share in [(900, 100, 0.9), (870, 130, 0.9), (0, 12, 0.5), (1, 0, 0.7)]:
        measured = treatment + holdout
        expected = stats.chisquare([treatment, holdout], [measured * share, measured * (1 - share)]).pvalue
        assert ratio_p_value(treatment, holdout, share) == pytest.approx(expected, abs=1e-9)
    assert math.isnan(ratio_p_value(0, 0, 0.5))
    assert math.isnan(ratio_p_value(0, 5, 0))
    assert math.isnan(ratio_p_value(5, 0, 1))


def revenue_arm(during: np.ndarray, before: np.ndarray | None = None) -> dict:
    """What SQL tells of an arm: the moments of its revenue."""
    arm = {
        "customers": len(during),
        "mean": during.mean(),
        "variance": during.var(ddof=1) if len(during) > 1 else np.nan,
    }
    if before is not None:
        covariance = np.cov(during, before)
        arm |= {"mean_before": before.mean(), "variance_before": covariance[1, 1], "covariance": covariance[0, 1]}
    return arm


def revenues(rng: np.random.Generator, customers: int, correlation: float) -> tuple[np.ndarray, np.ndarray]:
    before = rng.normal(100, 30, customers)
    noise = rng.normal(0, 30, customers)
    return before, 40 + correlation * before + math.sqrt(1 - correlation**2) * noise


def test_revenue_without_a_period_before_is_welchs_t():
    rng = np.random.default_rng(2)
    treated, held_out = rng.gamma(2, 30, 400), rng.gamma(2, 25, 90)
    found = revenue_uplift(revenue_arm(treated), revenue_arm(held_out), 0.05)
    expected = stats.ttest_ind(treated, held_out, equal_var=False)
    assert (found["low"], found["high"]) == pytest.approx(tuple(expected.confidence_interval(0.95)), abs=1e-6)
    assert found["p_value"] == pytest.approx(expected.pvalue, abs=1e-9)
    assert found["variance_left"] == 1


def test_cuped_is_welchs_t_of_revenue_freed_of_its_regression_on_former_revenue():
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    before_t, during_t = revenues(rng, 700, 0.7)
    before_h, during_h = revenues(rng, 200, 0.7)
    # The slope within arms is that of a regression with an intercept for each arm.
    design = np.column_stack([np.r_[before_t, before_h], np.r_[np.ones(700), np.zeros(200)], np.ones(900)])
    slope = sm.OLS(np.r_[during_t, during_h], design).fit().params[0]
    freed_t, freed_h = during_t - slope * before_t, during_h - slope * before_h
    expected = stats.ttest_ind(freed_t, freed_h, equal_var=False)
    found = revenue_uplift(revenue_arm(during_t, before_t), revenue_arm(during_h, before_h), 0.05)
    assert found["uplift"] == pytest.approx(freed_t.mean() - freed_h.mean(), abs=1e-6)
    assert (found["low"], found["high"]) == pytest.approx(tuple(expected.confidence_interval(0.95)), abs=1e-6)


def test_revenue_before_that_never_varies_predicts_nothing():
    rng = np.random.default_rng(8)
    treated, held_out = rng.gamma(2, 30, 40), rng.gamma(2, 25, 30)
    without = revenue_uplift(revenue_arm(treated), revenue_arm(held_out), 0.05)
    assert revenue_uplift(revenue_arm(treated, np.zeros(40)), revenue_arm(held_out, np.zeros(30)), 0.05) == without


def test_cuped_leaves_about_half_of_the_variance_at_a_correlation_of_07():
    rng = np.random.default_rng(4)
    for _ in range(20):
        treated, held_out = revenues(rng, 4000, 0.7), revenues(rng, 1500, 0.7)
        found = revenue_uplift(revenue_arm(treated[1], treated[0]), revenue_arm(held_out[1], held_out[0]), 0.05)
        assert 0.46 < found["variance_left"] < 0.56


def test_revenue_of_single_customers_or_of_none_is_not_judged():
    rng = np.random.default_rng(5)
    many, one, equal = revenue_arm(rng.normal(size=50)), revenue_arm(np.array([3.0])), revenue_arm(np.zeros(9))
    assert math.isnan(revenue_uplift(many, one, 0.05)["low"])
    assert math.isnan(revenue_uplift(many, {"customers": 0, "mean": math.nan, "variance": math.nan}, 0.05)["uplift"])
    assert revenue_uplift(equal, equal, 0.05)["uplift"] == 0
    assert math.isnan(revenue_uplift(equal, equal, 0.05)["low"])


def test_intervals_of_200_000_customers_hold_the_truth_in_95_of_100_repetitions():
    rng = np.random.default_rng(6)
    treatment, holdout, retention, uplift = 180_000, 20_000, 0.62, 0.012
    retained = rng.binomial(treatment, retention + uplift, 500), rng.binomial(holdout, retention, 500)
    intervals = [
        newcombe_interval(int(retained_t), treatment, int(retained_h), holdout, 0.05)
        for retained_t, retained_h in zip(*retained, strict=True)
    ]
    covered = sum(low <= uplift <= high for low, high in intervals)
    # 500 draws at 95 %: between 460 and 490 in 99.8 of 100 such tests.
    assert 460 <= covered <= 490


@pytest.mark.parametrize(("retention", "customers"), [(0.5, 3000), (0.05, 3000), (0.9, 600)])
def test_looking_30_times_at_2000_null_campaigns_alarms_in_5_of_100_at_most(retention, customers):
    rng = np.random.default_rng(7)
    looks = np.linspace(customers / 30, customers, 30).astype(int)
    retained = {}
    for arm, share in (("treatment", 0.8), ("holdout", 0.2)):
        sizes = (looks * share).astype(int)
        steps = np.diff(sizes, prepend=0)
        retained[arm] = rng.binomial(steps, retention, (2000, 30)).cumsum(axis=1), sizes
    spread = detectable_uplift(retained["treatment"][1][-1], retained["holdout"][1][-1], retention, 0.8, 0.05)
    spread = 0.5 if math.isnan(spread) else spread
    low, high = anytime_interval(*retained["treatment"], *retained["holdout"], 0.05, spread)
    assert ((low > 0) | (high < 0)).any(axis=1).mean() <= 0.05
    # The interval made for one look would not do.
    z = np.abs(stats.norm.ppf(0.025))
    arms = [(counts / sizes, sizes) for counts, sizes in retained.values()]
    error = np.sqrt(sum(rate * (1 - rate) / sizes for rate, sizes in arms))
    one_look = np.abs(arms[0][0] - arms[1][0]) > z * error
    assert one_look.any(axis=1).mean() > 0.1


def test_looking_early_finds_a_strong_effect_before_the_end():
    low, _ = anytime_interval(760, 1000, 300, 500, 0.05, 0.06)
    assert low > 0
    assert anytime_interval(0, 0, 3, 9, 0.05, 0.1) == (-1, 1)


def published_half_width(arms: list[tuple[int, int]], level: float, spread: float) -> float:
    """Waudby-Smith et al. (2024), theorem 2.2, for one observation of as much information as both arms have."""
    rates = [((retained + 1) / (measured + 2), measured) for retained, measured in arms]
    information = 1 / sum(rate * (1 - rate) / measured for rate, measured in rates)
    grown = information * spread**2 + 1
    return math.sqrt(2 * grown / (information * spread) ** 2 * math.log(math.sqrt(grown) / level))


@pytest.mark.parametrize("spread", [0.02, 0.5])
@pytest.mark.parametrize("arms", [[(760, 1000), (300, 500)], [(100, 900), (650, 900)], [(3, 40), (2, 60)]])
def test_the_interval_for_looking_early_is_the_published_one(arms, spread):
    (retained_t, treatment), (retained_h, holdout) = arms
    uplift, half = retained_t / treatment - retained_h / holdout, published_half_width(arms, 0.05, spread)
    found = anytime_interval(retained_t, treatment, retained_h, holdout, 0.05, spread)
    assert found == pytest.approx((uplift - half, uplift + half), abs=1e-9)
    assert anytime_interval(1, 1, 0, 1, 0.05, 0.5) == (-1, 1)


def counts(**changes) -> dict:
    row = {
        "kind": "campaign",
        "unit": "spring",
        "segmentation": "income_spending",
        "segment_id": 1,
        "treatment": 0,
        "holdout": 0,
        "holdout_share": 0.2,
        "baseline": 0.5,
        "is_baseline_measured": False,
    }
    for arm in ("treatment", "holdout"):
        row |= {f"measured_{arm}": 0, f"retained_{arm}": 0}
        row |= {f"{name}_{arm}": None for name in ("mean", "variance", "mean_before", "variance_before", "covariance")}
    return row | changes


def test_rows_come_back_in_order_with_holm_over_the_segments_of_a_campaign_alone():
    def measured(**keys) -> dict:
        return counts(
            treatment=80, holdout=20, measured_treatment=80, retained_treatment=50, measured_holdout=20,
            retained_holdout=6, **keys,
        )  # fmt: skip

    rows = [measured(segment_id=2), measured(segment_id=None), measured(), measured(unit="summer")]
    found = campaign_statistics(pd.DataFrame(rows), SETTINGS)
    p_value = proportions_ztest([50, 6], [80, 20])[1]
    assert found["p_value"].tolist() == pytest.approx([p_value] * 4)
    assert found["segment_id"].tolist()[:2] == [1, 2]
    adjusted = found.set_index(["unit", found["segment_id"].fillna(0)])["p_value_holm"]
    assert adjusted["spring", 1] == adjusted["spring", 2] == pytest.approx(2 * p_value)
    assert adjusted["summer", 1] == pytest.approx(p_value)
    assert math.isnan(adjusted["spring", 0])


def test_no_campaigns_give_no_rows_and_empty_arms_no_numbers():
    nothing = campaign_statistics(pd.DataFrame([counts()]).head(0), SETTINGS)
    assert len(nothing) == 0
    assert "uplift_low" in nothing
    empty = campaign_statistics(pd.DataFrame([counts()]), SETTINGS).iloc[0]
    assert empty[["uplift", "p_value", "detectable_uplift", "revenue_uplift", "anytime_low"]].isna().all()


def test_each_statistic_of_a_row_is_that_of_its_own_counts():
    during_t, during_h = np.r_[np.full(40, 10.0), np.full(40, 30.0)], np.r_[np.full(10, 5.0), np.full(10, 25.0)]
    arms = {
        f"{name}_{arm}": value
        for arm, during in (("treatment", during_t), ("holdout", during_h))
        for name, value in revenue_arm(during).items()
        if name != "customers"
    }
    planned = counts(treatment=900, holdout=300, baseline=0.4, **arms)
    few = counts(treatment=3, holdout=1, baseline=0.9)
    measured = {"measured_treatment": 80, "retained_treatment": 50, "measured_holdout": 20, "retained_holdout": 6}
    found = campaign_statistics(pd.DataFrame([planned | measured, few | measured | {"unit": "summer"}]), SETTINGS)
    row, row_of_few = found.iloc[0], found.iloc[1]
    assert row["critical_value"] == pytest.approx(stats.norm.ppf(0.975))
    assert row[["retention_treatment", "retention_holdout", "uplift"]].tolist() == pytest.approx([0.625, 0.3, 0.325])
    table = stats.contingency.expected_freq([[50, 30], [6, 14]])
    assert row["smallest_expected_count"] == pytest.approx(table.min())
    assert row["ratio_p_value"] == pytest.approx(stats.chisquare([80, 20], [75, 25]).pvalue)
    assert row["detectable_uplift"] == detectable_uplift(900, 300, 0.4, 0.8, 0.05)
    assert row["measured_detectable_uplift"] == detectable_uplift(80, 20, 0.3, 0.8, 0.05)
    expected = stats.ttest_ind(during_t, during_h, equal_var=False).confidence_interval(0.95)
    assert row[["revenue_uplift", "revenue_low", "revenue_high"]].tolist() == pytest.approx([5, *expected])
    # The interval for looking early is sharpest for what the plan can just show, where that is anything.
    for told, spread in ((row, row["detectable_uplift"]), (row_of_few, 0.5)):
        half = published_half_width([(50, 80), (6, 20)], 0.05, spread)
        assert told["anytime_low"] == pytest.approx(0.325 - half)
        assert told["anytime_high"] == pytest.approx(min(0.325 + half, 1))
    assert math.isnan(row_of_few["detectable_uplift"])
