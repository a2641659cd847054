"""The colors of segments: one for each, the same wherever it is drawn."""

import pandas as pd

# Eleven colors, one for each of the customary groups by rule, that stay apart under the three kinds of color blindness
# and keep a contrast of 3 to 1 on white as well as on the dark page. Beyond six segments hue alone gets hard for
# anyone, so the maps vary the shape too.
SEGMENT_COLORS = [
    "#0078b4",
    "#d25a00",
    "#00a578",
    "#872dff",
    "#e15af0",
    "#a54b87",
    "#ff4b96",
    "#87694b",
    "#0096ff",
    "#a587a5",
    "#c63fcf",
]


def segment_colors(segments: pd.DataFrame, segmentations: list[str]) -> pd.Series:
    """One color per segment, kept for as long as the segment keeps its number.

    Segments of one segmentation never share a color (up to eleven). A segment of a later segmentation takes the color
    of one of its kind in an earlier one, and else a color that no other kind has yet, as long as there is one.

    Parameters
    ----------
    segments : DataFrame, one row per segmentation and segment
        Holds `segmentation`, `segment_id` and its kind, `base_name`.
    segmentations : list of str
        The segmentations in their order.

    Returns
    -------
    Series of str, indexed as `segments`
    """
    colors = pd.Series(index=segments.index, dtype=object)
    by_kind: dict[str, str] = {}
    for segmentation in segmentations:
        group = segments[segments["segmentation"] == segmentation]
        taken: set[str] = set()
        ordered = group.assign(is_known=group["base_name"].isin(by_kind)).sort_values(
            ["is_known", "segment_id"], ascending=[False, True]
        )
        for row in ordered.itertuples():
            start = (row.segment_id - 1) % len(SEGMENT_COLORS)
            in_turn = [*SEGMENT_COLORS[start:], *SEGMENT_COLORS[:start]]
            unused = [each for each in in_turn if each not in by_kind.values()]
            candidates = [by_kind.get(row.base_name), *unused, *in_turn]
            color = next((each for each in candidates if each and each not in taken), SEGMENT_COLORS[start])
            taken.add(color)
            by_kind.setdefault(row.base_name, color)
            colors[row.Index] = color
    return colors
