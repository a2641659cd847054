"""What campaigns show and what they could show: statistics on counts per arm, one row in, one row out."""

import math

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

KEYS = ["kind", "unit", "segmentation", "segment_id"]

STATISTICS = [
    "detectable_uplift",
    "customers_needed",
    "smallest_holdout",
    "retention_treatment",
    "retention_holdout",
    "uplift",
    "uplift_low",
    "uplift_high",
    "p_value",
    "p_value_holm",
    "anytime_low",
    "anytime_high",
    "measured_detectable_uplift",
    "smallest_expected_count",
    "ratio_p_value",
    "revenue_uplift",
    "revenue_standard_error",
    "revenue_low",
    "revenue_high",
    "variance_left",
    "critical_value",
]


def wilson_interval(retained: int, customers: int, level: float) -> tuple[float, float]:
    """Score interval of one proportion (Wilson 1927); `level` is the error level, 0.05 for 95 %."""
    z2 = ndtri(1 - level / 2) ** 2
    share = retained / customers
    center = (share + z2 / (2 * customers)) / (1 + z2 / customers)
    half = math.sqrt(z2 * (share * (1 - share) + z2 / (4 * customers)) / customers) / (1 + z2 / customers)
    return max(center - half, 0.0), min(center + half, 1.0)


def newcombe_interval(
    retained_treatment: int, treatment: int, retained_holdout: int, holdout: int, level: float
) -> tuple[float, float]:
    """Interval of the difference of two proportions, from the Wilson interval of each.

    Parameters
    ----------
    retained_treatment, treatment, retained_holdout, holdout : int
        Customers retained and customers measured in each arm; both arms hold at least one.
    level : float
        Error level, 0.05 for an interval of 95 %.

    Returns
    -------
    tuple of float
        Lower and upper bound of the uplift, within -1 and 1.

    Notes
    -----
    Method 10 of Newcombe (1998), Interval estimation for the difference between independent proportions,
    Statistics in Medicine 17.
    """
    share_treatment, share_holdout = retained_treatment / treatment, retained_holdout / holdout
    low_treatment, high_treatment = wilson_interval(retained_treatment, treatment, level)
    low_holdout, high_holdout = wilson_interval(retained_holdout, holdout, level)
    uplift = share_treatment - share_holdout
    return (
        uplift - math.hypot(share_treatment - low_treatment, high_holdout - share_holdout),
        uplift + math.hypot(high_treatment - share_treatment, share_holdout - low_holdout),
    )


def pooled_p_value(retained_treatment: int, treatment: int, retained_holdout: int, holdout: int) -> float:
    """Two-sided p-value of equal proportions by the z-test with pooled variance; 1 where all or none are retained."""
    pooled = (retained_treatment + retained_holdout) / (treatment + holdout)
    variance = pooled * (1 - pooled) * (1 / treatment + 1 / holdout)
    if variance == 0:
        return 1.0
    return float(2 * ndtr(-abs(retained_treatment / treatment - retained_holdout / holdout) / math.sqrt(variance)))


def holm(p_values: np.ndarray) -> np.ndarray:
    """Adjust the p-values of one family, NaN left out, by Holm's (1979) step-down method."""
    adjusted = np.full(len(p_values), np.nan)
    order = [place for place in np.argsort(p_values, kind="stable") if not np.isnan(p_values[place])]
    largest = 0.0
    for step, place in enumerate(order):
        largest = max(largest, min((len(order) - step) * p_values[place], 1.0))
        adjusted[place] = largest
    return adjusted


def power_distance(power: float, level: float) -> float:
    """How many standard errors a difference must measure for a two-sided z-test to find it with this power."""
    from scipy.optimize import brentq

    critical = ndtri(1 - level / 2)
    return brentq(lambda distance: ndtr(distance - critical) + ndtr(-distance - critical) - power, 0, 40, xtol=1e-13)


def detectable_uplift(treatment: int, holdout: int, baseline: float, power: float, level: float) -> float:
    """Smallest uplift of a proportion that two arms can show, by Cohen's h.

    Parameters
    ----------
    treatment, holdout : int
        Customers in each arm.
    baseline : float
        Share retained without the campaign, 0 to 1.
    power, level : float
        Chance to find such an uplift, and the two-sided error level.

    Returns
    -------
    float
        NaN where an arm is empty or not even an uplift to 100 % could be shown.

    Notes
    -----
    The arcsine transform makes the variance of a proportion nearly independent of the proportion: Cohen (1988),
    Statistical Power Analysis for the Behavioral Sciences, chapter 6.
    """
    if min(treatment, holdout) < 1:
        return math.nan
    effect = power_distance(power, level) * math.sqrt(1 / treatment + 1 / holdout)
    angle = math.asin(math.sqrt(baseline)) + effect / 2
    return math.sin(angle) ** 2 - baseline if angle <= math.pi / 2 else math.nan


def wanted_distance(baseline: float, uplift: float, power: float, level: float) -> float:
    """The sum 1/treatment + 1/holdout at which arms show `uplift`; NaN where baseline and uplift exceed 1."""
    if baseline + uplift > 1:
        return math.nan
    effect = 2 * (math.asin(math.sqrt(baseline + uplift)) - math.asin(math.sqrt(baseline)))
    return (effect / power_distance(power, level)) ** 2


def customers_needed(holdout_share: float, baseline: float, uplift: float, power: float, level: float) -> float:
    """Customers of both arms together that show `uplift` at this hold-out share; NaN where none do."""
    distance = wanted_distance(baseline, uplift, power, level)
    return math.ceil((1 / holdout_share + 1 / (1 - holdout_share)) / distance - 1e-9) if distance > 0 else math.nan


def smallest_holdout(customers: int, baseline: float, uplift: float, power: float, level: float) -> float:
    """Fewest of `customers` that have to be held out to show `uplift`; NaN where not even half of them suffice."""
    distance = wanted_distance(baseline, uplift, power, level)
    if not distance > 0 or customers < 2:
        return math.nan
    # 1/h + 1/(n-h) = d is a quadratic in h; its smaller root, and then the whole number that does.
    root = customers**2 - 4 * customers / distance
    if root < 0:
        return math.nan
    fewest = max(math.ceil((customers - math.sqrt(root)) / 2 - 1e-9), 1)
    return fewest if 1 / fewest + 1 / max(customers - fewest, 1e-9) <= distance * (1 + 1e-9) else math.nan


def anytime_interval(
    retained_treatment: np.ndarray,
    treatment: np.ndarray,
    retained_holdout: np.ndarray,
    holdout: np.ndarray,
    level: float,
    spread: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of the uplift that holds at all looks together, however often one looks and whenever one stops.

    Parameters
    ----------
    retained_treatment, treatment, retained_holdout, holdout : arrays of one shape, or numbers
        Customers retained and measured so far in each arm.
    level : float
        Chance that the interval ever misses the true uplift.
    spread : float
        Standard deviation of the uplifts it is sharpest for; to be fixed before the first look.

    Returns
    -------
    tuple of arrays
        Bounds, held to -1 and 1. An arm without customers gives -1 and 1.

    Notes
    -----
    The asymptotic confidence sequence with Robbins' normal mixture: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
    (2024), Time-uniform central limit theory and asymptotic confidence sequences, Annals of Statistics 52; for two
    arms as in Johari, Koomen, Pekelis and Walsh (2017), Peeking at A/B tests. The variance of an arm is taken with one
    success and one failure more than were seen, so that an arm of few customers who all do alike is not taken for sure.
    """
    arms = [np.asarray(counts, dtype=float) for counts in (retained_treatment, treatment, retained_holdout, holdout)]
    retained_t, measured_t, retained_h, measured_h = arms
    with np.errstate(divide="ignore", invalid="ignore"):
        smoothed_t, smoothed_h = (retained_t + 1) / (measured_t + 2), (retained_h + 1) / (measured_h + 2)
        variance = smoothed_t * (1 - smoothed_t) / measured_t + smoothed_h * (1 - smoothed_h) / measured_h
        uplift = retained_t / measured_t - retained_h / measured_h
        mixed = variance + spread**2
        half = np.sqrt(variance * mixed / spread**2 * (np.log(mixed / variance) - 2 * math.log(level)))
        low, high = uplift - half, uplift + half
    is_empty = np.minimum(measured_t, measured_h) < 1
    return np.where(is_empty, -1, np.clip(low, -1, 1)), np.where(is_empty, 1, np.clip(high, -1, 1))


def ratio_p_value(measured_treatment: int, measured_holdout: int, planned_share: float) -> float:
    """Chi-squared p-value of the measured arms against the share of the treatment that was assigned."""
    measured = measured_treatment + measured_holdout
    if measured == 0 or not 0 < planned_share < 1:
        return math.nan
    expected = measured * planned_share
    return float(chdtrc(1, (measured_treatment - expected) ** 2 * (1 / expected + 1 / (measured - expected))))


def revenue_uplift(treatment: dict, holdout: dict, level: float) -> dict:
    """Difference of mean revenue per customer, freed of what the revenue before the campaign predicts.

    Parameters
    ----------
    treatment, holdout : dict
        `customers`, `mean`, `variance` of the revenue during the campaign and, where it is known of all,
        `mean_before`, `variance_before` and `covariance`; variances are those of samples (n - 1).
    level : float
        Error level of the interval.

    Returns
    -------
    dict
        `uplift`, `standard_error`, `low`, `high` (Welch's t), `p_value`, and `variance_left`: the share of the
        variance that remains, 1 without a period before. NaN where an arm has under two customers or nothing varies.

    Notes
    -----
    CUPED: Deng, Xu, Kohavi and Walker (2013), Improving the sensitivity of online controlled experiments by utilizing
    pre-experiment data. The slope is that of revenue on former revenue within the arms.
    """
    arms = (treatment, holdout)
    missing = dict.fromkeys(["uplift", "standard_error", "low", "high", "p_value", "variance_left"], math.nan)
    if any(arm["customers"] < 2 or math.isnan(arm["variance"]) for arm in arms):
        return missing
    freedoms = [arm["customers"] - 1 for arm in arms]
    before = sum(freedom * arm.get("variance_before", math.nan) for freedom, arm in zip(freedoms, arms, strict=True))
    has_before = before > 0
    slope = 0.0
    if has_before:
        slope = sum(freedom * arm["covariance"] for freedom, arm in zip(freedoms, arms, strict=True)) / before
    means, variances = [], []
    for arm in arms:
        mean, variance = arm["mean"], arm["variance"]
        if has_before:
            mean -= slope * arm["mean_before"]
            variance += slope**2 * arm["variance_before"] - 2 * slope * arm["covariance"]
        means.append(mean)
        variances.append(max(variance, 0.0))
    errors = [variance / arm["customers"] for variance, arm in zip(variances, arms, strict=True)]
    total = sum(errors)
    uplift = means[0] - means[1]
    if total <= 0:
        return missing | {"uplift": uplift}
    freedom = total**2 / sum(error**2 / degrees for error, degrees in zip(errors, freedoms, strict=True))
    standard_error = math.sqrt(total)
    half = stdtrit(freedom, 1 - level / 2) * standard_error
    raw = sum(degrees * arm["variance"] for degrees, arm in zip(freedoms, arms, strict=True))
    left = sum(degrees * variance for degrees, variance in zip(freedoms, variances, strict=True))
    return {
        "uplift": uplift,
        "standard_error": standard_error,
        "low": uplift - half,
        "high": uplift + half,
        "p_value": float(2 * stdtr(freedom, -abs(uplift) / standard_error)),
        "variance_left": left / raw,
    }


def row_statistics(row: dict, settings: dict) -> dict:
    """All statistics of one row of counts; NaN for each that its counts do not give.

    Parameters
    ----------
    row : dict
        A row of `campaign_counts`.
    settings : dict
        `power`, `level` and `worthwhile_uplift`.
    """
    power, level, worthwhile = settings["power"], settings["level"], settings["worthwhile_uplift"]
    found = dict.fromkeys(STATISTICS, math.nan)
    found["critical_value"] = float(ndtri(1 - level / 2))
    found["detectable_uplift"] = detectable_uplift(row["treatment"], row["holdout"], row["baseline"], power, level)
    found["customers_needed"] = customers_needed(row["holdout_share"], row["baseline"], worthwhile, power, level)
    found["smallest_holdout"] = smallest_holdout(
        row["treatment"] + row["holdout"], row["baseline"], worthwhile, power, level
    )
    arms = [
        int(row[name]) for name in ("retained_treatment", "measured_treatment", "retained_holdout", "measured_holdout")
    ]
    retained_treatment, measured_treatment, retained_holdout, measured_holdout = arms
    measured = measured_treatment + measured_holdout
    if measured_treatment:
        found["retention_treatment"] = retained_treatment / measured_treatment
    if measured_holdout:
        found["retention_holdout"] = retained_holdout / measured_holdout
    if row["treatment"] + row["holdout"]:
        share = row["treatment"] / (row["treatment"] + row["holdout"])
        found["ratio_p_value"] = ratio_p_value(measured_treatment, measured_holdout, share)
    if measured_treatment and measured_holdout:
        found["uplift"] = found["retention_treatment"] - found["retention_holdout"]
        found["uplift_low"], found["uplift_high"] = newcombe_interval(*arms, level)
        found["p_value"] = pooled_p_value(*arms)
        # What the plan could just show lies 2.8 standard errors off at its end, where the interval is then narrowest.
        spread = found["detectable_uplift"] if found["detectable_uplift"] > 0 else 0.5
        low, high = anytime_interval(*arms, level, spread)
        found["anytime_low"], found["anytime_high"] = float(low), float(high)
        retained = retained_treatment + retained_holdout
        found["smallest_expected_count"] = (
            min(retained, measured - retained) * min(measured_treatment, measured_holdout) / measured
        )
        found["measured_detectable_uplift"] = detectable_uplift(
            measured_treatment, measured_holdout, found["retention_holdout"], power, level
        )
        revenue = revenue_uplift(
            *(
                {"customers": count}
                | {
                    name: row[f"{name}_{arm}"]
                    for name in ("mean", "variance", "mean_before", "variance_before", "covariance")
                }
                for arm, count in (("treatment", measured_treatment), ("holdout", measured_holdout))
            ),
            level,
        )
        found |= {
            "revenue_uplift": revenue["uplift"],
            "revenue_standard_error": revenue["standard_error"],
            "revenue_low": revenue["low"],
            "revenue_high": revenue["high"],
            "variance_left": revenue["variance_left"],
        }
    return found


def campaign_statistics(counts: pd.DataFrame, settings: dict) -> pd.DataFrame:
    """Add the statistics to the keys of the counts.

    Parameters
    ----------
    counts : DataFrame, one row per kind, unit and segment (no `segment_id`: all segments together)
        `treatment`, `holdout`, `baseline`, `holdout_share`; `measured_*` and `retained_*` of each arm; and the moments
        of revenue of each arm, `mean_*`, `variance_*`, `mean_before_*`, `variance_before_*`, `covariance_*`.
    settings : dict
        `power`, `level` and `worthwhile_uplift`.

    Returns
    -------
    DataFrame, as many rows as `counts`
        The keys and `STATISTICS`. Holm's adjustment is over the segments of one unit.
    """
    counts = counts.sort_values(KEYS, ignore_index=True)
    numbers = counts.astype(dict.fromkeys(counts.columns.difference(KEYS), float))
    found = pd.DataFrame(
        [row_statistics(row, settings) for row in numbers.to_dict("records")], columns=STATISTICS, dtype=float
    )
    by_segment = counts["segment_id"].notna()
    for _, family in counts[by_segment].groupby(["kind", "unit"]):
        found.loc[family.index, "p_value_holm"] = holm(found.loc[family.index, "p_value"].to_numpy())
    keys = counts[KEYS].astype({"kind": "str", "unit": "str", "segmentation": "str", "segment_id": "Int32"})
    return pd.concat([keys, found], axis="columns")


def model(dbt, session):
    """One row per row of `campaign_counts`."""
    settings = dbt.config.get("meta")["campaigns"]
    counts = dbt.ref("campaign_counts").df().drop(columns="segment_name")
    return campaign_statistics(counts, settings)
