"""What the charts and the dashboard show, read from the warehouse as small tidy frames.

Counts are binned in SQL and single customers come from the training sample, so the frames stay small however many
customers there are.
"""

import math

import duckdb
import pandas as pd

from mall_segments.charts import segment_colors

BINS = 20
CATEGORY_VALUES = 6
POINTS = 1500
MARGIN_STEPS = 100
TOP_CUSTOMERS = 60

_TABLES = {
    "segments": "select * from marts.segments",
    "segment_profiles": "select * from marts.segment_profiles",
    "segment_marketing_actions": "select * from marts.segment_marketing_actions",
    "cluster_count_scores": "select * from clustering.cluster_count_scores",
    "cluster_counts": "select * from clustering.cluster_counts",
    "cluster_count_votes": "select * from clustering.cluster_count_votes order by criterion_order",
    "feature_statistics": "select * from features.feature_statistics order by feature_order",
    "algorithm_scores": "select * from clustering.algorithm_scores",
    "segment_migrations": "select * from marts.segment_migrations",
    "segment_drift": "select * from marts.segment_drift",
    "rejections": """
        select
            item as rejection_reason,
            row_count as source_rows
        from marts.data_quality
        where kind = 'rejected' and row_count > 0
        order by item_order
    """,
    "totals": """
        select
            count(*) as customers,
            count(case when imputed_features <> '' then 1 end) as imputed_customers,
            (select row_count from marts.data_quality where kind = 'source rows') as source_rows,
            (select cast(sum(row_count) as bigint) from marts.data_quality where kind = 'rejected') as rejected_rows
        from marts.customers
    """,
}


def read_frames(connection: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    """Read every frame that the charts and the dashboard draw.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The built warehouse; read-only will do.

    Returns
    -------
    dict of str to DataFrame
        ==========================  ===========================================================
        segmentations               segmentation, in the project's order: title, the map's two axes
        segmentation_features       segmentation x feature: label, unit, position
        segments                    segmentation x segment, most valuable first
        segment_profiles            segmentation x segment x feature
        segment_marketing_actions   segmentation x segment x action, by priority
        cluster_count_scores        segmentation x candidate number of segments
        cluster_counts              segmentation: chosen number, reason
        cluster_count_votes         segmentation x criterion: vote, null where it abstains
        feature_statistics          feature of all customers
        feature_histograms          feature x bin x gender (or everyone): customers
        segment_histograms          segmentation x segment x feature x bin: customers
        segment_quantiles           segmentation x segment x feature: 5, 25, 50, 75, 95 %
        segment_categories          segmentation x segment x category column x value: customers
        segment_margins             segmentation x segment x margin rounded to 0.01: customers
        segment_points              segmentation x sampled customer, in the features' units
        algorithm_scores            segmentation x algorithm, best silhouette first
        segment_migrations          segmentation x move x former x new segment, latest move first
        segment_drift               segmentation x feature
        top_customers               customer of the most valuable segment, best first, capped
        rejections                  rejection reason: source rows
        totals                      one row: customers, imputed, source and rejected rows
        ==========================  ===========================================================

        Frames of segments also hold `segment_name`, `value_rank` and `color`, the segment's own in every chart.
        Without customers every frame but `segmentations`, `feature_statistics` and `totals` is empty.
    """
    frames = {name: connection.sql(query).df() for name, query in _TABLES.items()}
    frames["segmentation_features"] = connection.sql(
        "select * from features.segmentation_features order by segmentation, feature_position"
    ).df()
    frames["segmentations"] = _segmentations(connection, frames)
    for name, order in {
        "segments": ["value_rank"],
        "segment_profiles": ["feature_order", "segment_id"],
        "segment_marketing_actions": ["segment_id", "priority"],
        "cluster_count_scores": ["n_clusters"],
        "cluster_counts": [],
        "cluster_count_votes": ["criterion_order"],
        "segment_drift": [],
    }.items():
        frames[name] = _in_project_order(frames[name], frames["segmentations"], order)

    for name, worst_last in {"algorithm_scores": "silhouette", "segment_migrations": "moved_at"}.items():
        frames[name] = frames[name].sort_values(worst_last, ascending=False, kind="stable", ignore_index=True)

    features = frames["feature_statistics"].dropna(subset=["minimum", "maximum"])
    bins = {row.feature: bin_edges(float(row.minimum), float(row.maximum)) for row in features.itertuples()}
    categories = _categories(connection)
    segmentations = frames["segmentations"]["segmentation"].tolist()
    frames["feature_histograms"] = _feature_histograms(connection, bins, "gender" in categories)
    frames["segment_histograms"] = _segment_histograms(connection, bins, segmentations)
    frames["segment_quantiles"] = _segment_quantiles(connection, list(bins), segmentations)
    frames["segment_categories"] = _segment_categories(connection, categories, segmentations)
    frames["segment_margins"] = connection.sql(f"""
        select
            segmentation,
            segment_id,
            round(margin * {MARGIN_STEPS}) / {MARGIN_STEPS} as margin,
            count(*) as customers
        from marts.customer_segments
        where segment_id is not null and margin is not null
        group by all
        order by all
    """).df()
    frames["segment_points"] = _segment_points(connection, list(bins), segmentations)
    frames["top_customers"] = _top_customers(connection, frames)

    frames["segments"] = frames["segments"].assign(color=segment_colors(frames["segments"]))
    shown = frames["segments"][["segmentation", "segment_id", "segment_name", "value_rank", "color"]]
    for name in (
        "segment_profiles",
        "segment_histograms",
        "segment_quantiles",
        "segment_categories",
        "segment_margins",
        "segment_points",
    ):
        frames[name] = frames[name].merge(shown, on=["segmentation", "segment_id"], how="left")
    return frames


def bin_edges(minimum: float, maximum: float) -> tuple[float, float]:
    """First edge and width of at most about twenty bins, at round numbers (1, 2 or 5 times a power of ten)."""
    span = maximum - minimum
    if span <= 0:
        return minimum, 1.0
    raw = span / BINS
    power = 10.0 ** math.floor(math.log10(raw))
    width = power * next(step for step in (1, 2, 5, 10) if step * power >= raw * (1 - 1e-9))
    return math.floor(minimum / width) * width, width


def _segmentations(connection: duckdb.DuckDBPyConnection, frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per segmentation: its title and the two features that its map is drawn over."""
    known = frames["segmentation_features"]["segmentation"].unique()
    columns = connection.sql("select * from marts.customers limit 0").columns
    # The wide customers table is the one place that keeps the order in which the project names its segmentations.
    ordered = sorted(known, key=lambda name: columns.index(f"{name}_segment_id"))
    rows = []
    for position, name in enumerate(ordered, start=1):
        features = frames["segmentation_features"].query("segmentation == @name")
        labels = features["label"].tolist()
        title = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
        centers = frames["segment_profiles"].query("segmentation == @name and center.notna()")
        spread = (centers["center"] / centers["scale"]).groupby(centers["feature"]).std(ddof=0)
        widest = sorted(
            features["feature"],
            key=lambda feature: -spread.get(feature, 0) if features.shape[0] > 2 else 0,
        )[:2]
        axes = [feature for feature in features["feature"] if feature in widest]
        rows.append(
            {
                "segmentation": name,
                "position": position,
                "title": title[0].upper() + title[1:],
                "x_feature": axes[0],
                "y_feature": axes[1] if len(axes) > 1 else "",
            }
        )
    return pd.DataFrame(rows, columns=["segmentation", "position", "title", "x_feature", "y_feature"])


def _in_project_order(frame: pd.DataFrame, segmentations: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    position = frame["segmentation"].map(segmentations.set_index("segmentation")["position"])
    return (
        frame.assign(position=position)
        .sort_values(["position", *order], kind="stable", ignore_index=True)
        .drop(columns="position")
    )


def _categories(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The text columns that describe customers, in the project's order."""
    staged = connection.sql("select * from staging.stg_customers limit 0")
    own = {"customer_id", "rejection_reason", "source_values"}
    return [
        name
        for name, dtype in zip(staged.columns, staged.types, strict=True)
        if str(dtype) == "VARCHAR" and name not in own
    ]


def _union(connection: duckdb.DuckDBPyConnection, queries: list[str], columns: list[str]) -> pd.DataFrame:
    """The answers of all queries as one frame, sorted; an empty frame with `columns` if there are no queries."""
    if not queries:
        return pd.DataFrame(columns=columns)
    frame = pd.concat([connection.sql(query).df() for query in queries], ignore_index=True)
    return frame[columns]


def _bin_start(feature: str, first: float, width: float) -> str:
    """The lower edge of the bin a value falls into; rounded, so that edges print as they read."""
    return f'round({first!r} + floor(("{feature}" - {first!r}) / {width!r} + 1e-9) * {width!r}, 9)'


def _feature_histograms(
    connection: duckdb.DuckDBPyConnection, bins: dict[str, tuple[float, float]], has_gender: bool
) -> pd.DataFrame:
    gender = "coalesce(gender, 'not given')" if has_gender else "'everyone'"
    queries = [
        f"""
        select
            '{feature}' as feature,
            {_bin_start(feature, first, width)} as bin_start,
            round(bin_start + {width!r}, 9) as bin_end,
            {gender} as gender,
            count(*) as customers
        from marts.customers
        where "{feature}" is not null
        group by all
        order by all
        """
        for feature, (first, width) in bins.items()
    ]
    return _union(connection, queries, ["feature", "bin_start", "bin_end", "gender", "customers"])


def _segment_histograms(
    connection: duckdb.DuckDBPyConnection, bins: dict[str, tuple[float, float]], segmentations: list[str]
) -> pd.DataFrame:
    queries = [
        f"""
        select
            '{segmentation}' as segmentation,
            {segmentation}_segment_id as segment_id,
            '{feature}' as feature,
            {_bin_start(feature, first, width)} as bin_start,
            round(bin_start + {width!r}, 9) as bin_end,
            count(*) as customers
        from marts.customers
        where "{feature}" is not null and {segmentation}_segment_id is not null
        group by all
        order by all
        """
        for segmentation in segmentations
        for feature, (first, width) in bins.items()
    ]
    return _union(connection, queries, ["segmentation", "segment_id", "feature", "bin_start", "bin_end", "customers"])


def _segment_quantiles(
    connection: duckdb.DuckDBPyConnection, features: list[str], segmentations: list[str]
) -> pd.DataFrame:
    # One feature at a time, because an exact quantile holds every value it is taken of; all five in one go.
    queries = [
        f"""
        with spread as (
            select
                {segmentation}_segment_id as segment_id,
                quantile_cont("{feature}", [0.05, 0.25, 0.5, 0.75, 0.95]) as p
            from marts.customers
            where "{feature}" is not null and {segmentation}_segment_id is not null
            group by all
        )

        select
            '{segmentation}' as segmentation,
            segment_id,
            '{feature}' as feature,
            p[1] as p05,
            p[2] as p25,
            p[3] as p50,
            p[4] as p75,
            p[5] as p95
        from spread
        order by segment_id
        """
        for segmentation in segmentations
        for feature in features
    ]
    return _union(connection, queries, ["segmentation", "segment_id", "feature", "p05", "p25", "p50", "p75", "p95"])


def _segment_categories(
    connection: duckdb.DuckDBPyConnection, categories: list[str], segmentations: list[str]
) -> pd.DataFrame:
    queries = [
        f"""
        with frequent as (
            select "{category}" as value
            from marts.customers
            where "{category}" is not null
            group by "{category}"
            order by count(*) desc, value
            limit {CATEGORY_VALUES}
        )

        select
            '{segmentation}' as segmentation,
            {segmentation}_segment_id as segment_id,
            '{category}' as category,
            case
                when "{category}" is null then 'not given'
                when "{category}" in (select frequent.value from frequent) then "{category}"
                else 'other'
            end as value,
            count(*) as customers
        from marts.customers
        where {segmentation}_segment_id is not null
        group by all
        order by all
        """
        for segmentation in segmentations
        for category in categories
    ]
    return _union(connection, queries, ["segmentation", "segment_id", "category", "value", "customers"])


def _segment_points(
    connection: duckdb.DuckDBPyConnection, features: list[str], segmentations: list[str]
) -> pd.DataFrame:
    # The evaluated rows of the sample each stand for equally many customers, so they may be drawn as equal dots.
    columns = ", ".join(f'customers."{feature}"' for feature in features)
    queries = [
        f"""
        with drawn as (
            select customer_id
            from features.training_sample
            where segmentation = '{segmentation}' and is_evaluated
            order by md5(customer_id), customer_id
            limit {POINTS}
        )

        select
            '{segmentation}' as segmentation,
            customers.customer_id,
            customers.{segmentation}_segment_id as segment_id,
            {columns}
        from marts.customers as customers
        inner join drawn on customers.customer_id = drawn.customer_id
        where customers.{segmentation}_segment_id is not null
        order by md5(customers.customer_id), customers.customer_id
        """
        for segmentation in (segmentations if features else [])
    ]
    return _union(connection, queries, ["segmentation", "customer_id", "segment_id", *features])


def _top_customers(connection: duckdb.DuckDBPyConnection, frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Customers of the most valuable segment, highest income and spending first; without either, the surest first."""
    given = frames["feature_statistics"].query("stddev > 0").set_index("feature")
    features = [name for name in ("annual_income_k", "spending_score") if name in given.index]
    columns = ["customer_id", *features, "margin"]
    if frames["segments"].empty:
        return pd.DataFrame(columns=columns)
    best = frames["segments"].iloc[0]
    value = " + ".join(f"{name} / {float(given.loc[name, 'stddev'])!r}" for name in features)
    return connection.sql(f"""
        select
            customers.customer_id,
            {"".join(f"customers.{name}, " for name in features)}
            assigned.margin
        from marts.customer_segments as assigned
        inner join marts.customers as customers on assigned.customer_id = customers.customer_id
        where assigned.segmentation = '{best["segmentation"]}' and assigned.segment_id = {best["segment_id"]}
        order by {f"{value} desc, " if value else ""}assigned.margin desc nulls last, customers.customer_id
        limit {TOP_CUSTOMERS}
    """).df()
