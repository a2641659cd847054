"""What the charts and the page show: tables of the warehouse, read as they are.

Every frame is made, described and tested in SQL, in `models_sql/reporting/` and `models_sql/marts/`. The published
file holds both schemas, so the frames of a warehouse and those of its published copy are the same.
"""

import duckdb
import pandas as pd

from mall_segments.colors import segment_colors

# Frame: the table it is, and the order of its rows.
TABLES = {
    "segmentations": ("marts.segmentations", "position"),
    "segments": ("marts.segments", "segmentation, value_rank"),
    "segment_marketing_actions": ("marts.segment_marketing_actions", "segmentation, segment_id, priority"),
    "segment_migrations": (
        "marts.segment_migrations",
        "segmentation, build_number desc, customers desc, from_segment_id, to_segment_id, cause",
    ),
    "recent_moves": ("reporting.recent_moves", "segmentation, place"),
    "segment_fairness": ("marts.segment_fairness", "segmentation, audience_kind, audience, attribute, group_name"),
    "feature_drift": ("reporting.feature_drift", "segmentation, dimension"),
    "feature_figures": ("reporting.feature_figures", "feature_order"),
    "form_fields": ("reporting.form_fields", "segmentation, feature_position"),
    "form_centers": ("reporting.form_centers", "segmentation, segment_id, dimension"),
    "feature_histograms": ("reporting.feature_histograms", "feature, bin_start, customer_group"),
    "segment_histograms": ("reporting.segment_histograms", "segmentation, feature, segment_id, bin_start"),
    "segment_quantiles": ("reporting.segment_quantiles", "segmentation, feature, segment_id"),
    "segment_categories": ("reporting.segment_categories", "segmentation, category, segment_id, value"),
    "segment_borders": ("reporting.segment_borders", "segmentation, segment_id, runner_up_segment_id"),
    "segment_upgrades": (
        "reporting.segment_upgrades",
        "segmentation, customers desc, segment_id, to_segment_id, feature, mean_change",
    ),
    "segment_margins": ("reporting.segment_margins", "segmentation, segment_id, margin"),
    "segment_points": ("reporting.segment_points", "segmentation, point, feature_order"),
    "map_axes": ("reporting.map_axes", "segmentation, axis, dimension"),
    "map_points": ("reporting.map_points", "segmentation, point, segment_id"),
    "profile_cells": ("reporting.profile_cells", "segmentation, feature_order, segment_id"),
    "cluster_count_curves": ("reporting.cluster_count_curves", "segmentation, criterion_order, n_clusters"),
    "criterion_votes": ("reporting.criterion_votes", "segmentation, criterion_order"),
    "algorithm_comparison": ("reporting.algorithm_comparison", "segmentation, place"),
    "top_customers": ("reporting.top_customers", "place, feature_order"),
    # A fair sample where there are more than the page holds: hashes know nothing of whom they are of.
    "customers": ("marts.customers", "md5(customer_id), customer_id"),
    "campaign_results": ("campaigns.campaign_results", "starts_on, campaign, is_overall, segment_id"),
    "campaign_plan": ("campaigns.campaign_plan", "starts_on, campaign, is_overall, segment_id"),
    "doubts": ("reporting.doubts", "segmentation, doubt"),
    "rejections": ("reporting.rejections", "reason_order"),
    "totals": ("reporting.totals", "customers"),
}

MOST_CUSTOMERS = 5_000  # rows of the frame `customers`; its table holds all of them


def read_frames(connection: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    """Read every frame that the charts and the page draw.

    Parameters
    ----------
    connection : DuckDBPyConnection
        A built warehouse or a published file; read-only will do.

    Returns
    -------
    dict of str to DataFrame
        The frames that `TABLES` names, with the columns that the project's documentation describes, and with those of
        :func:`with_names_and_colors`. Without customers every frame but `segmentations`, `form_fields`,
        `feature_figures` and `totals` is empty.
    """
    frames = {
        name: connection.sql(
            f"select * from {table} order by {order}" + (f" limit {MOST_CUSTOMERS}" if name == "customers" else "")
        ).df()
        for name, (table, order) in TABLES.items()
    }
    return with_names_and_colors(frames)


def with_names_and_colors(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Give each row of a segment what page and charts call the segment, `segment`, and its `color`.

    They call it by its nickname, which people use when they talk and which leaves room for the chart; the segment's
    card says the full name beside it. A row of several segments, or of one that is no more, keeps the name it has.
    """
    segments = frames["segments"]
    keys = list(zip(segments["segmentation"], segments["segment_id"], strict=True))
    names = dict(zip(keys, segments["nickname"], strict=True))
    colors = dict(zip(keys, segment_colors(segments, frames["segmentations"]["segmentation"].tolist()), strict=True))

    def shown(frame: pd.DataFrame) -> pd.DataFrame:
        added = {}
        for end in ("", "from_", "to_", "runner_up_"):
            if {"segmentation", f"{end}segment_id"} <= set(frame):
                own = list(zip(frame["segmentation"], frame[f"{end}segment_id"], strict=True))
                called = pd.Series([names.get(key) for key in own], frame.index, dtype=object)
                added[f"{end}segment"] = called.fillna(frame.get(f"{end}segment_name", called))
                if not end:
                    added["color"] = [colors.get(key) for key in own]
        return frame.assign(**added)

    return {name: shown(frame) for name, frame in frames.items()}
