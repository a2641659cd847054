"""Charts of campaigns: what they brought against their hold-outs, and what the next ones could show."""

import altair as alt
import pandas as pd

from mall_segments.charts.registry import Place, chart
from mall_segments.charts.theme import titled


def _source(frame: pd.DataFrame) -> str:
    """Say first of all that nobody ran the campaigns, where that is so."""
    return "Simulated data. " if frame["is_simulated"].any() else ""


def _named(frame: pd.DataFrame) -> pd.Series:
    return frame["segment"] + "\n" + frame["campaign"].str.replace("_", " ")


def _some_uplift_is_known(campaign_results: pd.DataFrame) -> bool:
    return bool(campaign_results["uplift"].notna().any())


@chart(Place("campaigns", 1, is_wide=True), when=_some_uplift_is_known)
def campaign_uplifts(campaign_results: pd.DataFrame) -> alt.LayerChart:
    """Forest plot: the uplift of retention in each segment of each campaign with its interval.

    Parameters
    ----------
    campaign_results : DataFrame, one row per campaign and segment
        Holds `campaign`, `segment`, `status`, `uplift`, its bounds, `verdict`, `reading` and `is_simulated`.
        A running campaign is drawn with the interval that allows looking early. One with an arm of which nothing is
        known has no uplift and is left out.
    """
    is_running = campaign_results["status"] == "running"
    rows = pd.DataFrame(
        {
            "row": _named(campaign_results),
            "uplift": 100 * campaign_results["uplift"],
            "low": 100 * campaign_results["uplift_low"].mask(is_running, campaign_results["anytime_low"]),
            "high": 100 * campaign_results["uplift_high"].mask(is_running, campaign_results["anytime_high"]),
            "verdict": campaign_results["verdict"],
            "reading": campaign_results["reading"],
        }
    ).dropna()
    base = alt.Chart(rows).encode(
        alt.Y("row:N")
        .title(None)
        .sort(rows["row"].tolist())
        .axis(labelExpr="split(datum.label, '\\n')", labelLineHeight=13, labelBaseline="line-bottom", labelLimit=260),
        tooltip=[alt.Tooltip("reading:N").title("Result"), alt.Tooltip("verdict:N").title("Verdict")],
    )
    intervals = base.mark_rule(style="error").encode(
        alt.X("low:Q")
        .title("Uplift (points)")
        .scale(domain=[-100, 180], nice=False)
        .axis(values=[-100, -50, 0, 50, 100]),
        alt.X2("high:Q"),
    )
    points = base.mark_point(style="chosen", filled=True).encode(alt.X("uplift:Q"))
    # On a phone the verdict would lie on the names; the table beside the chart says it too.
    texts = base.mark_text(style="label", align="right", opacity=alt.expr("width < 300 ? 0 : 1")).encode(
        x=alt.value("width"), text="verdict:N"
    )
    nothing = alt.Chart(pd.DataFrame({"uplift": [0]})).mark_rule(style="reference").encode(alt.X("uplift:Q"))
    return titled(
        (nothing + intervals + points + texts).properties(height=36 * len(rows)),
        "What campaigns brought",
        f"{_source(campaign_results)}Customers kept against the hold-out. A line that crosses 0 proves nothing.",
        "Forest plot of uplifts. " + " ".join(rows["row"].str.replace("\n", ", ") + ": " + rows["reading"]),
    )


@chart(Place("campaigns", 2, is_wide=True))
def campaign_detectable_uplifts(campaign_plan: pd.DataFrame) -> alt.LayerChart:
    """Smallest uplift that the arms of each campaign and segment can show, against the customers in them.

    Parameters
    ----------
    campaign_plan : DataFrame, one row per campaign and segment
        Holds `campaign`, `segment`, `customers`, `detectable_uplift`, `is_measurable`, `reading` and
        `is_simulated`. Arms that can show nothing are left out.
    """
    rows = campaign_plan[["campaign", "segment", "customers", "reading"]].assign(
        points=100 * campaign_plan["detectable_uplift"],
        is_enough=campaign_plan["is_measurable"].map({True: "measurable", False: "too small to measure"}),
    )
    drawn = (
        alt.Chart(rows.dropna(subset="points"))
        .mark_point(filled=True, size=80, opacity=0.8)
        .encode(
            alt.X("customers:Q").title("Customers in both arms").scale(type="log", nice=False, padding=14),
            alt.Y("points:Q").title("Smallest uplift they show (points)").scale(domainMin=0),
            alt.Color("is_enough:N").title(None),
            alt.Shape("is_enough:N").title(None),
            tooltip=[
                alt.Tooltip("campaign:N").title("Campaign"),
                alt.Tooltip("segment:N").title("Segment"),
                alt.Tooltip("reading:N").title("Plan"),
            ],
        )
    )
    return titled(
        drawn.properties(height=280),
        "What campaigns could show",
        f"{_source(campaign_plan)}The fewer customers, the larger an effect has to be before it shows.",
    )
