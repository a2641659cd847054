"""Charts of whether the segments can be trusted: other algorithms, and who moved."""

import altair as alt
import pandas as pd

from mall_segments.charts.flows import CAUSES, FORMER, JOINED, LEFT
from mall_segments.charts.registry import ANOTHER_VIEW, Place, chart
from mall_segments.charts.theme import NAME_ROOM, middle_of, name_lines, side_by_side, titled
from mall_segments.numbers import formatted, in_marks, percent


def _some_algorithm_finds_groups(algorithm_comparison: pd.DataFrame) -> bool:
    return bool(algorithm_comparison["silhouette"].notna().any())


@chart(
    Place("trust", 1, is_wide=True),
    Place(ANOTHER_VIEW, 10, is_wide=True),
    when=_some_algorithm_finds_groups,
)
def algorithm_scores(algorithm_comparison: pd.DataFrame) -> alt.LayerChart:
    """Silhouette of each clustering algorithm, with the groups it found and how far they are the segments.

    Parameters
    ----------
    algorithm_comparison : DataFrame, one row per algorithm, in the order to show them
        Holds `algorithm`, `clusters`, `noise_share`, `silhouette`, `agreement_with_champion`, `is_finding` and
        `reading`. An algorithm that found fewer than two groups, or nothing to go by, has no silhouette and no bar.
    """
    readings = algorithm_comparison["reading"].map(in_marks)
    rows = algorithm_comparison[["algorithm", "silhouette"]].assign(
        reading=readings,
        text=[
            f"{row.clusters} {'group' if row.clusters == 1 else 'groups'}"
            + (f"\n{percent(row.noise_share)} noise" if row.noise_share else "")
            + (f"\nagreement {formatted(row.agreement_with_champion, '.2f')}" if row.is_finding else "\nno finding")
            for row in algorithm_comparison.itertuples()
        ],
        start=algorithm_comparison["silhouette"].clip(lower=0).fillna(0),
    )
    low, high = min(0, rows["silhouette"].min()), max(0.01, rows["silhouette"].max())
    base = alt.Chart(rows).encode(
        alt.Y("algorithm:N").title(None).sort(rows["algorithm"].tolist()),
        tooltip=[
            alt.Tooltip("reading:N").title("What it sees"),
            alt.Tooltip("silhouette:Q").title("Silhouette").format(".3f"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=3, height={"band": 0.55}).encode(
        alt.X("silhouette:Q")
        .title("Silhouette (higher is better)")
        .axis(values=[-1, -0.5, 0, 0.5, 1])
        .scale(domain=[low, 3.2 * high], nice=False)
    )
    texts = base.mark_text(style="label", align="left", baseline="middle", dx=6, **middle_of("text", "\n")).encode(
        alt.X("start:Q"), alt.Text("text:N")
    )
    return titled(
        (bars + texts).properties(height=46 * len(rows)),
        "Other algorithms on the same customers",
        "Agreement is the adjusted Rand index with the segments: 1 for the same grouping, 0 for chance.",
        "Bar chart of silhouettes. " + " ".join(readings),
    )


@chart(Place("trust", 2), Place(ANOTHER_VIEW, 11))
def segment_migrations(segment_migrations: pd.DataFrame) -> alt.LayerChart:
    """Customers per move from one segment to another, by whether they or the model moved.

    Parameters
    ----------
    segment_migrations : DataFrame, one row per move between two segments and cause
        Holds `build_number`, `from_segment_id`, `from_segment`, `to_segment_id`, `to_segment`, `cause` and `customers`;
        no segment is before joining or after leaving.
    """
    latest = segment_migrations["build_number"] == segment_migrations["build_number"].max()
    migrations = segment_migrations[latest]
    ends = {
        side: migrations[f"{side}_segment"].fillna(FORMER).where(migrations[f"{side}_segment_id"].notna(), nowhere)
        for side, nowhere in (("from", JOINED), ("to", LEFT))
    }
    moves = (
        migrations.assign(
            move=ends["from"] + "\n→ " + ends["to"],
            lines=ends["from"].map(lines_of) + "\n→ " + ends["to"].map(lines_of),
            cause=migrations["cause"].map(CAUSES),
        )
        .groupby(["move", "lines", "cause"], as_index=False)["customers"]
        .sum()
    )
    order = moves.groupby("move")["customers"].sum().sort_values(ascending=False, kind="stable").index.tolist()
    causes = [cause for cause in CAUSES.values() if cause in set(moves["cause"])]
    y = alt.Y("move:N").title(None).sort(order).axis(None)
    bars = (
        alt.Chart(moves)
        .mark_bar(height={"band": 0.6})
        .encode(
            alt.X("sum(customers):Q").title("Customers").axis(tickMinStep=1, format=",d"),
            y,
            alt.Color("cause:N").title(None).sort(causes).legend(**side_by_side(causes, NAME_ROOM)),
            tooltip=[
                alt.Tooltip("move:N").title("Move"),
                alt.Tooltip("cause:N").title("Why"),
                alt.Tooltip("sum(customers):Q").title("Customers").format(","),
            ],
        )
    )
    names = (
        alt.Chart(moves.drop_duplicates("move")[["move", "lines"]])
        .mark_text(
            style="label",
            fontSize=11,
            align="right",
            baseline="middle",
            limit=alt.expr(NAME_ROOM),
            **middle_of("lines", "\n", 13),
        )
        .encode(y, x=alt.value(-8), text="lines:N")
    )
    most_lines = moves["lines"].str.count("\n").max() + 1
    return titled(
        alt.layer(bars, names, height=max(40, 13 * int(most_lines) + 10) * len(order)),
        "Who joined, moved or left last",
        "The cause is what the former model says of today's customer: the new segment, or still the old one.",
        "Bar chart of moves: "
        + "; ".join(
            f"{row.move} {formatted(row.customers)} ({row.cause})".replace("\n", " ") for row in moves.itertuples()
        )
        + ".",
    )


def lines_of(name: str) -> str:
    """Write a name as lines, as beside its row."""
    return "\n".join(name_lines(name))
