"""What must be true of numbers, registry, history and moves after any sequence of builds, told by a witness of its own.

The witness sees the customers that go in and the segments that come out. From these, and from the rows of the models,
it says with NumPy what the history has to say of every build so far.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from project import PROJECT, Warehouse

# What we call the columns of the mall data.
NAMES = {
    "CustomerID": "customer_id",
    "Gender": "gender",
    "Age": "age",
    "Annual Income (k$)": "annual_income_k",
    "Spending Score (1-100)": "spending_score",
}
# Rows of these stay as they were written.
APPENDED = (
    "clustering.trained_features",
    "clustering.trained_centroids",
    "clustering.segment_changes",
    "clustering.segment_bands",
    "clustering.segment_overlaps",
    "clustering.champion_history",
    "meta.builds",
)
# Of two sets of customers that are the same segment, the smaller shares this much with the other.
SURVIVING_SHARE = 0.5


def mall_customers() -> pd.DataFrame:
    """Return the mall's customers by their ids, their columns by our names."""
    customers = pd.read_csv(PROJECT / "seeds" / "mall_customers.csv").rename(columns=NAMES)
    return customers.astype({"customer_id": str}).set_index("customer_id")


def write_customers(customers: pd.DataFrame, path: Path) -> None:
    """Write customers as such a table comes."""
    customers.reset_index().rename(columns={name: header for header, name in NAMES.items()}).to_csv(path, index=False)


def placed(customers: pd.DataFrame, model: pd.DataFrame, features: set[str] | None = None) -> pd.DataFrame:
    """Find the nearest center of a model for each customer.

    Parameters
    ----------
    customers : DataFrame, indexed by customer
        A column per feature, NaN or None where a value is not known.
    model : DataFrame
        `segment_id`, `feature`, `level`, `center`, `outlier_distance` and the scaling of one version, a row each.
    features : set of str, optional
        Those that count; by default all of the model.

    Returns
    -------
    DataFrame, indexed by customer
        `segment_id`, and `is_far`: whether the customer is in none of them.
    """
    segment_ids = np.sort(model["segment_id"].unique())
    held = np.zeros((len(customers), len(segment_ids)))
    own = np.zeros_like(held)
    for (feature, level), rows in model.groupby(["feature", "level"]):
        if features is not None and feature not in features:
            continue
        scaling = rows.iloc[0]

        def coordinate(values, scaling=scaling):
            logarithm = np.sign(values) * np.log1p(np.abs(values))
            return (logarithm if scaling["transform"] == "log" else values) / scaling["scale"]

        if level == "":
            values = customers[feature].astype(float).fillna(scaling["fill_value"]).to_numpy()
            low, high = scaling["low_fence"], scaling["high_fence"]
            fenced = values.clip(-np.inf if pd.isna(low) else low, np.inf if pd.isna(high) else high)
        else:
            known = set(model.loc[model["feature"] == feature, "level"])
            stated = customers[feature].where(customers[feature].isin(known), "other").where(customers[feature].notna())
            values = np.where(
                stated.isna() | ((stated == "other") & ("other" not in known)), scaling["fill_value"], stated == level
            ).astype(float)
            fenced = values
        centers = coordinate(rows.set_index("segment_id").loc[segment_ids, "center"].to_numpy())
        held += (coordinate(fenced)[:, None] - centers) ** 2
        own += (coordinate(values)[:, None] - centers) ** 2
    nearest = held.argmin(axis=1)
    reach = model.drop_duplicates("segment_id").set_index("segment_id").loc[segment_ids, "outlier_distance"].to_numpy()
    return pd.DataFrame(
        {
            "segment_id": segment_ids[nearest],
            "is_far": np.sqrt(own[np.arange(len(own)), nearest]) > reach[nearest],
        },
        customers.index,
    )


@dataclass
class Witness:
    """Who saw every build of a warehouse, and what has to be true by that."""

    warehouse: Warehouse
    # Segment of each customer by segmentation, as the last build left it that wrote the history.
    known: dict[str, dict[str, int]] = field(default_factory=dict)
    champions: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    # Of each build that was seen: its number in the history, and `known` after it.
    builds: list[tuple[int, dict[str, dict[str, int]]]] = field(default_factory=list)
    moves: set[tuple] = field(default_factory=set)
    rows: dict[str, pd.DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """Read a table of the warehouse."""
        return self.warehouse.query(f"select * from {name}")

    def see(self, customers: pd.DataFrame) -> None:
        """Look at a warehouse after a build wrote the history, and hold it to all that was seen so far.

        Parameters
        ----------
        customers : DataFrame, indexed by customer_id
            What was built: a column per feature, by our name.
        """
        self.see_append_only()
        today = self.table("clustering.customer_scores").set_index("customer_id")
        assert sorted(today.index) == sorted(customers.index)
        suffix = "_former_model_segment_id"
        segmentations = [name.removesuffix(suffix) for name in today.columns if name.endswith(suffix)]
        models = self.warehouse.query("""
            from clustering.trained_centroids
            inner join clustering.trained_features using (segmentation, model_version, feature, level)
        """)
        champions = self.see_registry(segmentations, models)
        seen = {name: today[f"{name}_segment_id"].dropna().astype(int).to_dict() for name in segmentations}
        for name in segmentations:
            own = models[models["segmentation"] == name]
            champion = own[own["model_version"] == champions[name]]
            assert placed(customers, champion)["segment_id"].to_dict() == seen[name], name
            self.see_numbers(own, customers)
        self.see_history(seen, self.moves_to(seen, customers, champions, models))
        self.known, self.champions = seen, self.champions | champions
        self.versions = models.groupby("segmentation")["model_version"].max().to_dict()

    def see_append_only(self) -> None:
        """Hold every row that was written to what it was."""
        for name in APPENDED:
            rows = self.table(name)
            if name in self.rows:
                former = self.rows[name]
                before, after = (
                    Counter(map(tuple, each[former.columns].astype(str).to_numpy())) for each in (former, rows)
                )
                assert not before - after, f"{name} lost {(before - after).most_common(3)}"
            self.rows[name] = rows

    def see_registry(self, segmentations: list[str], models: pd.DataFrame) -> dict[str, int]:
        """Hold the registry to whole versions and one champion each, which the champion history names last."""
        for version, rows in models.groupby(["segmentation", "model_version"]):
            dimensions = rows.groupby("segment_id")["dimension"].apply(sorted)
            assert len(dimensions) == rows["n_clusters"].iloc[0], version
            assert dimensions.map(lambda own: own == list(range(1, len(own) + 1))).all(), version
        registry = self.table("clustering.segmentation_models")
        assert set(zip(registry["segmentation"], registry["model_version"], strict=True)) == set(
            zip(models["segmentation"], models["model_version"], strict=True)
        )
        chosen = registry[registry["is_champion"] & registry["segmentation"].isin(segmentations)]
        champions = dict(zip(chosen["segmentation"], chosen["model_version"], strict=True))
        assert sorted(champions) == sorted(segmentations)
        history = self.table("clustering.champion_history").sort_values("build_number")
        latest = history.dropna().groupby("segmentation")["model_version"].last()
        assert {name: latest[name] for name in champions} == champions
        return champions

    def see_numbers(self, own: pd.DataFrame, customers: pd.DataFrame) -> None:
        """Hold a version trained on these customers to numbers that go on or are new, never to one used before."""
        latest = own["model_version"].max()
        new, before = own[own["model_version"] == latest], own[own["model_version"] < latest]
        segmentation = own["segmentation"].iloc[0]
        if before.empty or latest == self.versions.get(segmentation):
            return
        incumbent = self.champions.get(segmentation)
        former = before[before["model_version"] == incumbent]
        taken = set(new["segment_id"]) & set(before["segment_id"])
        assert taken <= set(former["segment_id"]), f"{segmentation} {latest} uses the number of a segment that is gone"
        fresh = sorted(set(new["segment_id"]) - taken)
        first = before["segment_id"].max() + 1
        assert fresh == list(range(first, first + len(fresh)))
        shared = set(new["feature"])
        if not shared & set(former["feature"]):
            assert not taken
            return
        then, now = placed(customers, former, shared), placed(customers, new)
        was = then["segment_id"].where(~then["is_far"])
        for segment in taken:
            both = ((was == segment) & (now["segment_id"] == segment)).sum()
            smaller = min((was == segment).sum(), (now["segment_id"] == segment).sum())
            assert both >= SURVIVING_SHARE * smaller > 0, f"{segmentation} {latest}: {segment} is another segment"

    def moves_to(
        self,
        seen: dict[str, dict[str, int]],
        customers: pd.DataFrame,
        champions: dict[str, int],
        models: pd.DataFrame,
    ) -> set[tuple]:
        """Say who moved with this build: (segmentation, customer, from, to, cause)."""
        moves = set()
        if not self.builds:
            return moves
        everyone = set().union(*self.known.values())
        for name, former in self.known.items():
            for customer in everyone - set(customers.index):
                moves.add((name, customer, former[customer], None, "customer left"))
        for name, segment_of in seen.items():
            for customer in set(customers.index) - everyone:
                moves.add((name, customer, None, segment_of[customer], "customer joined"))
            if name not in self.known:  # it begins with this build, or begins anew: nobody was in it
                continue
            former = self.known[name]
            own = models[models["segmentation"] == name]
            champion = own[own["model_version"] == champions[name]]
            before = own[own["model_version"] == self.champions[name]]
            stayed = customers.loc[sorted(everyone & set(customers.index))]
            moved = stayed.loc[[customer for customer in stayed.index if former[customer] != segment_of[customer]]]
            if moved.empty:
                continue
            if set(before["feature"]) != set(champion["feature"]):
                # The model before asks for other features, so it cannot place the customer.
                causes = dict.fromkeys(moved.index, "model changed")
            else:
                fills = champion.drop_duplicates(["feature", "level"]).set_index(["feature", "level"])["fill_value"]
                filled = before.drop(columns="fill_value").join(fills, on=["feature", "level"], how="inner")
                as_before = placed(moved, before)["segment_id"]
                refilled = placed(moved, filled)["segment_id"]
                causes = {
                    customer: self.cause(
                        former[customer], segment_of[customer], as_before[customer], refilled[customer]
                    )
                    for customer in moved.index
                }
            for customer, cause in causes.items():
                moves.add((name, customer, former[customer], segment_of[customer], cause))
        return moves

    @staticmethod
    def cause(was: int, now: int, as_before: int, refilled: int) -> str:
        """Say why a customer moved, by where the model before would place the customer of today."""
        if as_before == now:
            return "customer changed"
        if as_before == was:
            return "filling changed" if refilled == now else "model changed"
        return "customer and model changed"

    def see_history(self, seen: dict[str, dict[str, int]], moves: set[tuple]) -> None:
        """Hold history and moves to every build that was seen."""
        number = int(self.rows["clustering.segment_changes"]["build_number"].max())
        last = self.builds[-1][0] if self.builds else 0
        assert number == last + (seen != self.known), "a build that changed something has rows, any other has none"
        self.builds.append((number, seen))
        self.moves |= {(number, *move) for move in moves}
        expected = {move for move in self.moves if move[1] in seen}
        written = self.table("marts.segment_moves").astype({"from_segment_id": "Int64", "to_segment_id": "Int64"})
        columns = ["build_number", "segmentation", "customer_id", "from_segment_id", "to_segment_id", "cause"]
        found = [
            tuple(None if pd.isna(value) else value for value in row)
            for row in written[columns].itertuples(index=False)
        ]
        assert len(found) == len(set(found))
        assert set(found) == expected, f"moves: found {set(found) - expected}, expected {expected - set(found)}"
        counts = Counter((number, name, *move) for number, name, _, *move in expected)
        written = self.table("marts.segment_migrations").astype({"from_segment_id": "Int64", "to_segment_id": "Int64"})
        columns.remove("customer_id")
        found = {
            tuple(None if pd.isna(value) else value for value in row[:-1]): row[-1]
            for row in written[[*columns, "customers"]].itertuples(index=False)
        }
        assert found == counts

        changes = self.rows["clustering.segment_changes"]
        moments = changes.groupby("build_number")["seen_at"].max()
        assert moments.is_monotonic_increasing
        history = self.table("marts.segment_history").sort_values(["customer_id", "build_number"])
        until = history["valid_to"].where(history["valid_to"].notna(), pd.Timestamp("2200-01-01"))
        following = history.groupby("customer_id")["valid_from"].shift(-1)
        assert (history["valid_from"] < until).all()
        assert (history["valid_to"] <= following)[following.notna()].all(), "periods overlap"
        for build, then in self.builds:
            valid = history[(history["valid_from"] <= moments[build]) & (until > moments[build])].set_index(
                "customer_id"
            )
            for name in then.keys() & seen.keys():
                assert valid[f"{name}_segment_id"].dropna().astype(int).to_dict() == then[name], (build, name)
        is_open = history["valid_to"].isna()
        assert history.loc[is_open, "customer_id"].is_unique

    def see_customers(self) -> None:
        """Hold the mart of customers and segments to what this build was seen to do."""
        written = self.table("marts.customer_segments")
        found = {
            name: dict(zip(own["customer_id"], own["segment_id"].astype(int), strict=True))
            for name, own in written.groupby("segmentation")
        }
        assert found == self.known
