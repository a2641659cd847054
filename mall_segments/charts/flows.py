"""The chart of what became of the segments' customers from one date of the history to the next."""

import altair as alt
import pandas as pd

from mall_segments.charts.registry import ANOTHER_VIEW, Place, chart
from mall_segments.charts.theme import NAME_ROOM, ROOM, middle_of, name_lines, segment_color, titled
from mall_segments.numbers import formatted

LONGEST = 12  # steps drawn, a year of months
JOINED, FORMER, LEFT = "joined", "a former segment", "left"
# What a cause of `segment_migrations` is to somebody who reads whom it is about before it.
CAUSES = {
    "customer joined": "joined",
    "customer left": "left",
    "customer changed": "own figures changed",
    "model changed": "the model changed",
    "customer and model changed": "own figures and the model changed",
    "filling changed": "another value is filled in",
}
BLOCK = 0.04  # half the width of a date's blocks; 1 from date to date
SMALLEST_LABEL = 0.07  # share of the height that leaves room for a name


@chart(Place("trust", 3, is_wide=True), Place(ANOTHER_VIEW, 12))
def segment_flows(segment_migrations: pd.DataFrame, segments: pd.DataFrame) -> alt.LayerChart:
    """Bands of customers who stayed in a segment or went to another, from each date of the history to the next.

    How many stayed follows from today's customers, backwards: those of a segment less those who came to it.

    Parameters
    ----------
    segment_migrations : DataFrame, one row per date, move and cause
        Holds `build_number`, which tells the order even where the clock was set back, `moved_at`, `from_segment_id`,
        `to_segment_id` and `customers`; no segment is before joining or after leaving.
    segments : DataFrame, one row per segment of today
        Holds `segment_id`, `segment`, `value_rank`, `color` and `customers`.
    """
    flows = stepwise_flows(segment_migrations, segments)
    order = [*segments.sort_values("value_rank")["segment"], FORMER, JOINED, LEFT]
    bands, blocks = laid_out(flows, order)
    dates = [
        "before" if position < 0 else f"{date:%Y-%m-%d}"
        for position, date in enumerate([None, *flows.drop_duplicates("build_number")["moved_at"]], start=-1)
    ]
    steps = len(dates) - 1
    names = pd.concat(
        [
            segments[["segment", "value_rank", "color"]],
            pd.DataFrame({"segment": [FORMER, JOINED, LEFT], "value_rank": len(order), "color": "#8a929c"}),
        ]
    )
    # The rest is for the names beside the last blocks.
    for_bands = f"max(0.2, 1 - ({NAME_ROOM} + 8) / max(1, {ROOM}))"
    x = (
        alt.X("x:Q")
        .title(None)
        .scale(domainMin=-BLOCK, domainMax=alt.expr(f"{steps + 2 * BLOCK} / {for_bands} - {BLOCK}"), nice=False)
        .axis(values=list(range(steps + 1)), labelExpr=f"{dates}[datum.value]", grid=False, domain=False, ticks=False)
    )
    y = alt.Y("top:Q").axis(None).scale(reverse=True, nice=False, zero=True)
    drawn = (
        alt.Chart(bands)
        .mark_area(interpolate="monotone", opacity=0.4)
        .encode(
            x,
            y,
            alt.Y2("bottom:Q"),
            segment_color(names),
            alt.Detail("flow:N"),
            tooltip=[
                alt.Tooltip("segment:N").title("From"),
                alt.Tooltip("to:N").title("To"),
                alt.Tooltip("customers:Q").title("Customers").format(","),
            ],
        )
    )
    stacks = (
        alt.Chart(blocks)
        .mark_rect()
        .encode(
            alt.X("start:Q"),
            alt.X2("end:Q"),
            y,
            alt.Y2("bottom:Q"),
            segment_color(names),
            tooltip=[
                alt.Tooltip("segment:N").title("Segment"),
                alt.Tooltip("customers:Q").title("Customers").format(","),
            ],
        )
    )
    last = blocks[blocks["step"] == steps]
    roomy = last[last["bottom"] - last["top"] >= SMALLEST_LABEL * blocks["bottom"].max()]
    labels = (
        alt.Chart(
            roomy.assign(
                middle=(roomy["top"] + roomy["bottom"]) / 2,
                lines=["\n".join(name_lines(name)) for name in roomy["segment"]],
            )
        )
        .mark_text(
            style="label",
            align="left",
            baseline="middle",
            dx=6,
            fontSize=11,
            limit=alt.expr(NAME_ROOM),
            **middle_of("lines", "\n", 13),
        )
        .encode(alt.X("end:Q"), alt.Y("middle:Q"), text="lines:N")
    )
    layers = [drawn, stacks, *([labels] if len(roomy) else [])]
    latest = flows[flows["build_number"] == flows["build_number"].max()]
    return titled(
        alt.layer(*layers, height=380),
        "Where customers went",
        "From date to date, bands as wide as their customers are many. Grey: joined, left, or a segment of the past.",
        f"Flows between segments up to {dates[-1]}. Last: "
        + "; ".join(f"{row['from']} to {row['to']} {formatted(row['customers'])}" for _, row in latest.iterrows())
        + ".",
    )


def stepwise_flows(segment_migrations: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Add those who stayed to those who moved, from the latest date backwards.

    Returns
    -------
    DataFrame, one row per date and pair of segments, in the order of the dates
        `build_number`, `moved_at`, `from`, `to` and `customers`.
    """
    named = dict(zip(segments["segment_id"], segments["segment"], strict=True))
    sizes = segments.set_index("segment_id")["customers"]
    steps = []
    for build in sorted(segment_migrations["build_number"].unique(), reverse=True)[:LONGEST]:
        moves = segment_migrations[segment_migrations["build_number"] == build]
        pairs = ["from_segment_id", "to_segment_id"]
        # A retired segment may have had customers then: as many as left it later.
        stayed = sizes.sub(moves.groupby("to_segment_id")["customers"].sum(), fill_value=0)
        stayed = stayed[stayed > 0].rename_axis("from_segment_id").rename("customers").reset_index()
        flows = pd.concat([moves[[*pairs, "customers"]], stayed.assign(to_segment_id=stayed["from_segment_id"])])
        sizes = flows.groupby("from_segment_id")["customers"].sum()
        flows = pd.DataFrame(
            {
                "build_number": build,
                "moved_at": moves["moved_at"].iloc[0],
                "from": flows["from_segment_id"].map(named).where(flows["from_segment_id"].notna(), JOINED),
                "to": flows["to_segment_id"].map(named).where(flows["to_segment_id"].notna(), LEFT),
                "customers": flows["customers"].astype(int),
            }
        ).fillna({"from": FORMER, "to": FORMER})
        steps.append(flows.groupby(["build_number", "moved_at", "from", "to"], as_index=False)["customers"].sum())
    return pd.concat(reversed(steps), ignore_index=True)


def laid_out(flows: pd.DataFrame, order: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stack the segments of each date and lead the bands from stack to stack.

    Parameters
    ----------
    flows : DataFrame
        As :func:`stepwise_flows` makes them.
    order : list of str
        What stands above what.

    Returns
    -------
    DataFrame, four rows per flow
        Its course: `x`, `top` and `bottom`, with `flow`, `segment`, `to` and `customers`.
    DataFrame, one row per date and segment
        Its block: `step`, `start` and `end`, `top` and `bottom`, `segment` and `customers`.
    """
    rank = {name: position for position, name in enumerate(order)}
    steps = {build: step for step, build in enumerate(flows["build_number"].drop_duplicates())}
    flows = flows.assign(
        step=flows["build_number"].map(steps), from_rank=flows["from"].map(rank), to_rank=flows["to"].map(rank)
    )
    gap = 0.03 * flows.groupby("step")["customers"].sum().max()
    sides = {}
    for side, other in (("from", "to"), ("to", "from")):
        ordered = flows.sort_values(["step", f"{side}_rank", f"{other}_rank"])
        below = ordered.groupby("step")["customers"].cumsum() - ordered["customers"]
        place = ordered.groupby("step")[f"{side}_rank"].rank(method="dense") - 1
        sides[side] = (below + place * gap).reindex(flows.index)
    courses = []
    for along, side in ((BLOCK, "from"), (0.3, "from"), (0.7, "to"), (1 - BLOCK, "to")):
        courses.append(
            pd.DataFrame(
                {
                    "flow": flows.index,
                    "segment": flows["from"],
                    "to": flows["to"],
                    "customers": flows["customers"],
                    "x": flows["step"] + along,
                    "top": sides[side],
                    "bottom": sides[side] + flows["customers"],
                }
            )
        )
    blocks = []
    for side, step in (("from", flows["step"]), ("to", flows["step"] + 1)):
        placed = flows.assign(step=step, segment=flows[side], top=sides[side])
        blocks.append(
            placed.groupby(["step", "segment"], as_index=False).agg(top=("top", "min"), customers=("customers", "sum"))
        )
    # Between the first and the last date both sides have the block.
    stacked = pd.concat(blocks).drop_duplicates(["step", "segment"], ignore_index=True)
    stacked["bottom"] = stacked["top"] + stacked["customers"]
    stacked["start"], stacked["end"] = stacked["step"] - BLOCK, stacked["step"] + BLOCK
    return pd.concat(courses, ignore_index=True), stacked
