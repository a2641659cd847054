"""A model that is trained again and again: what happens to its segments' numbers, the registry and the history."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from conftest import PROJECT, Warehouse

INCOME = "Annual Income (k$)"
SCORE = "Spending Score (1-100)"
SEGMENTATION = {"income_spending": {"features": {"annual_income_k": 1, "spending_score": 1}}}


@dataclass
class Step:
    """What the warehouse showed after one build."""

    output: str
    centers: pd.DataFrame
    registry: pd.DataFrame
    lineage: pd.DataFrame
    customers: pd.DataFrame
    migrations: pd.DataFrame
    drift: pd.DataFrame
    score_hashes: set

    @property
    def segment_ids(self) -> set:
        return set(self.centers.index)

    @property
    def champion(self) -> pd.Series:
        return self.registry[self.registry["is_champion"]].iloc[0]

    def moved(self, cause: str) -> int:
        """Return how many customers this build moved for that cause."""
        return int(self.migrations.query("cause == @cause and is_of_this_build")["customers"].sum())


def build(
    warehouse: Warehouse, customers: pd.DataFrame, *arguments: str, segmentations: dict = SEGMENTATION, **project_vars
) -> Step:
    """Build one customer table and read what came of it."""
    path = warehouse.folder / "customers.csv"
    customers.to_csv(path, index=False)
    started_at = pd.Timestamp.now()
    result = warehouse.dbt(
        "build",
        *arguments,
        project_vars={"customers_file": str(path), "segmentations": segmentations, **project_vars},
    )
    migrations = warehouse.query("select * from marts.segment_migrations")
    return Step(
        output=result.stdout,
        centers=warehouse.query("""
            pivot (select segment_id, feature, center from clustering.segment_centroids)
            on feature using max(center) order by segment_id
        """).set_index("segment_id"),
        registry=warehouse.query("select * from clustering.segmentation_models order by model_version"),
        lineage=warehouse.query("select * from clustering.segment_lineage"),
        customers=warehouse.query("select customer_id, income_spending_segment_id as segment_id from marts.customers"),
        migrations=migrations.assign(is_of_this_build=migrations["moved_at"] >= started_at - pd.Timedelta("1min"))
        if False
        else migrations.assign(is_of_this_build=migrations["moved_at"] == migrations["moved_at"].max()),
        drift=warehouse.query("select * from marts.segment_drift").set_index("feature"),
        score_hashes=set(warehouse.query("select scores_hash from clustering.cluster_count_scores")["scores_hash"]),
    )
