"""A segment keeps its name when the model is fitted again to other customers of the same kind."""

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from project import PROJECT

from python_models.segment_fits import segment_fit

MALL = pd.read_csv(PROJECT / "seeds" / "mall_customers.csv", dtype=str)
# What is rebuilt from the customers to the names, in order; views follow by themselves.
BEFORE_THE_FIT = [
    "stg_customers",
    "feature_scales",
    "category_levels",
    "feature_statistics",
    "segmentation_features",
    "training_sample",
    "training_points",
]
BEHIND_THE_FIT = ["customer_scores", "segment_profiles", "segment_values"]


class Refits:
    """A warehouse of the mall data that is fitted again to samples of its customers, by the SQL that dbt compiled."""

    def __init__(self, path: Path, compiled: Path):
        self.connection = duckdb.connect(str(path))
        models = [file.relative_to(PROJECT) for file in (PROJECT / "models_sql").rglob("*.sql")]
        # Those of purchases are not built from a table of customers.
        self.sql = {model.stem: (compiled / model).read_text() for model in models if (compiled / model).exists()}
        self.places = dict(
            self.connection.sql("""
                select table_name, schema_name || '.' || table_name from duckdb_tables() where not temporary
            """).fetchall()
        )
        self.centroids = self.connection.sql("from clustering.segment_centroids").df()
        self.names = self.read_names()
        # Where the original model puts each customer of the mall.
        self.former = self.connection.sql("select segmentation, customer_id, segment_id from marts.customer_segments")
        self.former = self.former.df().pivot(index="customer_id", columns="segmentation", values="segment_id")

    def read_names(self) -> pd.Series:
        """Return the names of the segments."""
        segments = self.connection.sql("select segmentation, segment_id, segment_name from marts.segments").df()
        return segments.set_index(["segmentation", "segment_id"])["segment_name"]

    def rebuild(self, *models: str) -> None:
        """Make tables new, as dbt would."""
        for model in models:
            self.connection.execute(f"create or replace table {self.places[model]} as {self.sql[model]}")

    def fit(self, seed: int, more_segments: int = 0) -> pd.Series:
        """Return the names after a refit to a bootstrap sample, as the first build to follow the original would."""
        drawn = MALL.sample(len(MALL), replace=True, random_state=seed)
        original_ids = drawn["CustomerID"].to_numpy()
        drawn = drawn.assign(CustomerID=[f"{place:03}" for place in range(len(drawn))])
        self.connection.register("drawn", drawn)
        self.connection.execute("create or replace table raw.mall_customers as from drawn")
        self.rebuild(*(model for model in BEFORE_THE_FIT if model in self.places))
        fits = []
        for segmentation, centroids in self.centroids.groupby("segmentation"):
            own = f"where segmentation = '{segmentation}'"
            features = self.connection.sql(f"from features.segmentation_features {own} order by dimension").df()
            points = self.connection.sql(f"from features.training_points {own}").df()
            points = points.pivot(index="customer_id", columns="dimension", values="coordinate").sort_index()
            fit = segment_fit(
                points.to_numpy(),
                np.ones(len(points)),
                np.ones(len(points), dtype=bool),
                self.former.loc[original_ids, segmentation].to_numpy(dtype=float),
                centroids["segment_id"].nunique() + more_segments,
                42,
                centroids["segment_id"].max() + 1,
            )
            rows = fit.merge(features, on="dimension").assign(segmentation=segmentation, model_version=2)
            assert set(rows["transform"]) == {"none"}
            rows["center"] = rows["center"] * rows["scale"] + rows["mean"]
            fits.append(rows[self.centroids.columns])
        self.connection.register("fits", pd.concat(fits).astype(self.centroids.dtypes))
        self.connection.execute("create or replace table clustering.segment_centroids as from fits")
        self.rebuild(*BEHIND_THE_FIT)
        self.connection.execute("delete from clustering.segment_bands where change_number > 1")
        self.connection.execute(f"insert into clustering.segment_bands by name {self.sql['segment_bands']}")
        self.rebuild("segments")
        return self.read_names()


@pytest.fixture(scope="module")
def refits(warehouse, tmp_path_factory) -> Refits:
    """The mall's warehouse, copied to be changed."""
    folder = tmp_path_factory.mktemp("refits")
    shutil.copy(warehouse.path, folder / warehouse.path.name)
    # Compiled against a warehouse that has been built, so that the bands are those that follow former ones.
    warehouse.dbt("compile")
    return Refits(folder / warehouse.path.name, warehouse.folder / "target" / "compiled" / "mall_segments")


def kept(refits: Refits, names: pd.Series) -> pd.Series:
    """Return for each segment of the original that lives on whether it bears its name."""
    both = refits.names.to_frame("name").join(names.rename("refitted"), how="inner")
    return both["name"] == both["refitted"]


@pytest.mark.long
def test_refits_to_bootstrap_samples_keep_at_least_95_percent_of_the_names(refits):
    same = pd.concat([kept(refits, refits.fit(seed)) for seed in range(20)])
    assert len(same) == 20 * 9
    assert same.groupby("segmentation").mean().min() >= 0.95


@pytest.mark.long
def test_a_further_segment_takes_no_name_away(refits):
    same = pd.concat([kept(refits, refits.fit(seed, more_segments=1)) for seed in range(10)])
    assert same["income_spending"].mean() >= 0.95
