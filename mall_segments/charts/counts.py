"""Charts of why there are so many segments."""

import altair as alt
import pandas as pd

from mall_segments.charts.registry import ANOTHER_VIEW, Place, chart
from mall_segments.charts.theme import is_modelled, panels_of, titled
from mall_segments.numbers import written


@chart(Place("count", 1, is_wide=True), Place(ANOTHER_VIEW, 8), when=is_modelled)
def elbow(cluster_count_curves: pd.DataFrame, segmentations: pd.DataFrame) -> alt.LayerChart:
    """Inertia by number of segments, with the chosen number marked.

    Parameters
    ----------
    cluster_count_curves : DataFrame, one row per criterion and candidate number of segments
        Holds `criterion`, `label`, `n_clusters`, `score` and `standard_error`.
    segmentations : DataFrame, one row
        Holds `n_clusters`, the number of segments that was chosen.
    """
    n_clusters = int(segmentations.loc[0, "n_clusters"])
    scores = cluster_count_curves[cluster_count_curves["criterion"] == "inertia"]
    first, last = scores.iloc[0], scores.iloc[-1]
    return titled(
        _curve(scores, n_clusters, None, 280, "Inertia: squared distance to the segment centers"),
        "The elbow",
        f"More segments always fit closer. {n_clusters} are in use; the line shows what each further one would gain.",
        f"Line of inertia by number of segments, falling from {written(first['score'], 4)} at {first['n_clusters']} to "
        f"{written(last['score'], 4)} at {last['n_clusters']}. {n_clusters} segments are marked as chosen.",
    )


def _curve(
    scores: pd.DataFrame, n_clusters: int, vote: int | None, height: int, axis_title: str | None = None
) -> alt.LayerChart:
    """Draw one criterion's scores; with a title of its own the axis begins at 0."""
    rows = scores[["n_clusters", "score", "standard_error"]].assign(
        role=[
            "chosen" if count == n_clusters else "this criterion's vote" if count == vote else "candidate"
            for count in scores["n_clusters"]
        ]
    )
    score = alt.Y("score:Q").title(axis_title).axis(tickCount=5)
    base = alt.Chart(rows).encode(
        alt.X("n_clusters:Q")
        .title("Number of segments")
        .axis(values=rows["n_clusters"].tolist(), format="d", grid=False)
        .scale(zero=False, nice=False, padding=14),
        score.scale(zero=True) if axis_title else score.scale(zero=False, nice=False, padding=18),
        tooltip=[
            alt.Tooltip("n_clusters:Q").title("Segments"),
            alt.Tooltip("score:Q").title(scores["label"].iloc[0]).format(",.4~r"),
            alt.Tooltip("role:N").title("Role"),
        ],
    )
    chosen = base.transform_filter("datum.role === 'chosen'")
    layers = [base.mark_line(), base.mark_point(style="candidate", filled=True, opacity=1)]
    if rows["standard_error"].notna().any():
        bars = base.transform_calculate(
            low="datum.score - datum.standard_error", high="datum.score + datum.standard_error"
        )
        layers.insert(0, bars.mark_rule(style="error").encode(alt.Y("low:Q"), alt.Y2("high:Q")))
    layers.insert(0, chosen.mark_rule(style="reference").encode(alt.X("n_clusters:Q"), y=alt.Undefined))
    if vote is not None and vote != n_clusters:
        layers.append(
            base.transform_filter(alt.datum.role == "this criterion's vote").mark_point(
                style="chosen", shape="diamond", filled=True, opacity=1
            )
        )
    layers.append(chosen.mark_point(style="chosen", filled=True, opacity=1))
    layers += [
        chosen.mark_text(style=style, align="left", baseline="bottom", dx=7, dy=-5, fontWeight=600).encode(
            text=alt.value(f"{n_clusters} chosen")
        )
        for style in ("halo", "label")
    ]
    return alt.layer(*layers, height=height)


@chart(
    Place("count", 2, is_wide=True),
    Place(ANOTHER_VIEW, 9, is_wide=True),
    when=is_modelled,
)
def cluster_count_scores(
    cluster_count_curves: pd.DataFrame, criterion_votes: pd.DataFrame, segmentations: pd.DataFrame
) -> alt.ConcatChart:
    """Silhouette and the other criteria by number of segments, a panel each.

    Parameters
    ----------
    cluster_count_curves : DataFrame, one row per criterion and candidate number of segments
        Holds `criterion`, `label`, `reading`, `n_clusters`, `score` and `standard_error`.
    criterion_votes : DataFrame, one row per criterion that votes
        Holds `criterion` and `vote`.
    segmentations : DataFrame, one row
        Holds the chosen `n_clusters`.
    """
    chosen = int(segmentations.loc[0, "n_clusters"])
    votes = criterion_votes.set_index("criterion")["vote"]
    panels = []
    for criterion, scores in cluster_count_curves.groupby("criterion", sort=False):
        if criterion == "inertia":
            continue
        vote = int(votes[criterion]) if criterion in votes else None
        voted = "" if vote is None else f"; votes for {vote}"
        name, reading = scores[["label", "reading"]].iloc[0]
        at_chosen = scores.set_index("n_clusters")["score"].get(chosen, float("nan"))
        panels.append(
            titled(
                _curve(scores, chosen, vote, 170),
                name,
                f"{reading[0].upper()}{reading[1:]}{voted}.",
                f"Line of {name} by number of segments ({reading}){voted}. At the chosen {chosen} it is "
                f"{written(at_chosen)}.",
            )
        )
    return titled(
        panels_of(panels, width=300, column_gap=70),
        "What the other criteria say",
        "A filled dot marks the chosen number, a diamond a vote for another one.",
    )
