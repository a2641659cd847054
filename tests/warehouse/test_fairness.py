"""Whom audiences leave out: against what is possible, against chance, and the same people as in the profiles."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from compiled import CompiledModels
from project import PROJECT, SEGMENTS_ALONE, Warehouse
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

MALL = PROJECT / "seeds" / "mall_customers.csv"


class Fairness(CompiledModels):
    """The model of fairness, and customers in segments for it to compare."""

    def of(self, segments: np.ndarray, is_without_effect: bool | None = None, **columns) -> pd.DataFrame:
        """Return the fairness of customers by their segment, gender and city.

        `is_without_effect` says what the gender does where the segmentation clusters on it.
        """
        self.write("clustering.customer_scores", pd.DataFrame({"usage_segment_id": segments} | columns))
        ids = np.unique(segments)
        names = pd.DataFrame(
            {"segmentation": "usage", "segment_id": ids, "segment_name": [f"segment {i}" for i in ids]}
        )
        self.write("marts.segments", names)
        actions = names.assign(action="one for " + names["segment_name"], priority=1, objective="keep")
        self.write("marts.segment_marketing_actions", actions)
        effects = pd.DataFrame(
            {"segmentation": ["usage"], "feature": ["gender"], "is_without_effect": [bool(is_without_effect)]}
        )
        self.write("marts.feature_effects", effects if is_without_effect is not None else effects.iloc[:0])
        return self.run("segment_fairness")


@pytest.fixture(scope="module")
def fairness(tmp_path_factory) -> Fairness:
    return Fairness(
        tmp_path_factory.mktemp("fairness"),
        "segment_fairness",
        customer_columns={
            "customer_id": {},
            "visits": {},
            "gender": {"type": "category"},
            "city": {"type": "category", "label": "home town"},
        },
        segmentations={"usage": {"features": {"visits": 1}}},
        value_features={},
        fixed_features=[],
        fairness_attributes=["gender", "city"],
    )


def verdicts(found: pd.DataFrame, attribute: str = "gender") -> pd.DataFrame:
    """Return one row per segment."""
    own = found[(found["audience_kind"] == "segment") & (found["attribute"] == attribute)]
    return own.drop_duplicates("audience").set_index("audience")


@pytest.mark.long
@pytest.mark.parametrize("sizes", [[5, 10, 15], [22, 39, 81, 23, 35], [100, 900, 3000]])
def test_segments_drawn_by_lot_are_past_the_limit_in_at_most_one_of_twenty_builds(fairness, sizes):
    rng = np.random.default_rng(sum(sizes))
    segments = np.repeat(range(len(sizes)), sizes)
    alarms = 0
    for _ in range(60):
        gender = rng.choice(["Female", "Male", "other"], len(segments), p=[0.6, 0.38, 0.02])
        city = rng.choice(list("abcdefgh"), len(segments), p=np.array([8, 7, 6, 5, 4, 3, 2, 1]) / 36)
        alarms += fairness.of(segments, gender=gender, city=city)["is_beyond_chance"].any()
    assert alarms <= 3


@pytest.mark.parametrize(("men", "share"), [(88, 0.44), (112, 0.56), (170, 0.85), (190, 0.95)])
def test_an_audience_of_men_alone_is_all_that_is_possible_whatever_their_share(fairness, men, share):
    """39 of 200, as many as the mall's best customers."""
    gender = np.array(["Male"] * men + ["Female"] * (200 - men))
    segments = np.where(np.arange(200) < 39, 1, 2)
    found = verdicts(fairness.of(segments, gender=gender, city=["x"] * 200)).loc["segment 1"]
    assert found["relative_difference"] == pytest.approx(1)
    assert found["mix_difference"] == pytest.approx(1 - share)
    if share < 0.9:
        assert found["is_past_limit"]
        assert found["reading"].startswith("Look before sending: men are 100 % against")
    else:
        # Of so few women, 39 drawn by lot hold none in one of ten cases.
        assert not found["is_past_limit"]
        assert found["reading"].startswith("Chance may explain it: men are 100 % against 95 %")


def test_half_of_what_is_possible_is_measured_as_half(fairness):
    gender = np.array((["Male"] * 75 + ["Female"] * 25) + (["Male"] * 125 + ["Female"] * 175))
    found = verdicts(fairness.of(np.repeat([1, 2], [100, 300]), gender=gender, city=["x"] * 400)).loc["segment 1"]
    assert found["mix_difference"] == pytest.approx(0.25)
    assert found["largest_difference"] == pytest.approx(0.5)
    assert found["relative_difference"] == pytest.approx(0.5)
    assert found["is_beyond_chance"]
    assert not found["is_past_limit"]


def test_what_the_segmentation_clusters_on_is_by_design_only_where_it_does_something(fairness):
    gender = np.repeat(["Male", "Female"], 50)
    given = {"gender": gender, "city": ["x"] * 100}
    segments = np.repeat([1, 2], 50)
    designed = verdicts(fairness.of(segments, is_without_effect=False, **given)).loc["segment 1"]
    assert designed["is_uneven"]
    assert designed["is_by_design"]
    assert not designed["is_past_limit"]
    assert designed["reading"].startswith("Uneven by design: men are 100 % against 50 %")
    idle = verdicts(fairness.of(segments, is_without_effect=True, **given)).loc["segment 1"]
    assert idle["is_past_limit"]
    assert not idle["is_by_design"]
    assert "clusters on gender, but that moves under 1 % of customers" in idle["reading"]


def test_any_category_is_compared_and_its_rarest_values_together(fairness):
    rng = np.random.default_rng(2)
    city = rng.integers(0, 40, 4000).astype(str)
    segments = np.where(np.isin(city, ["1", "2", "3"]), 1, 2)
    found = fairness.of(segments, gender=["Male"] * 4000, city=city)
    own = found[(found["attribute"] == "city") & (found["audience_kind"] == "segment")]
    assert own["group_name"].nunique() == 20
    assert "other" in set(own["group_name"])
    assert verdicts(found, "city").loc["segment 1", "is_past_limit"]
    assert not verdicts(found)["is_uneven"].any()


def test_who_states_no_gender_is_a_group_of_its_own_and_in_no_share(fairness):
    gender = np.array(["f", "Male", None, None] * 50)
    found = fairness.of(np.repeat([1, 2], 100), gender=gender, city=["x"] * 200)
    groups = found[(found["audience"] == "segment 1") & (found["attribute"] == "gender")].set_index("group_name")
    assert groups["customers"].to_dict() == {"women": 25, "men": 25, "not stated": 50}
    assert groups["share"].drop("not stated").tolist() == [0.5, 0.5]
    assert np.isnan(groups.loc["not stated", "share"])
    assert "Without the 50 % who do not state gender." in groups.loc["women", "reading"]


def test_an_all_male_segment_of_the_best_customers_is_caught_on_the_mall_data(tmp_path: Path):
    """And what the gender does in `demographic` is what scikit-learn finds without it, from the same centers."""
    mall = pd.read_csv(MALL)
    is_best = mall["Annual Income (k$)"].ge(69) & mall["Spending Score (1-100)"].ge(63)
    mall.loc[is_best, "Gender"] = "Male"
    mall.loc[mall.index % 10 == 7, "Gender"] = None
    mall.to_csv(tmp_path / "customers.csv", index=False)
    warehouse = Warehouse(tmp_path)
    built = warehouse.dbt(*SEGMENTS_ALONE, project_vars={"customers_file": str(tmp_path / "customers.csv")})
    found = warehouse.query("select * from marts.segment_fairness where attribute = 'gender' and is_past_limit")
    caught = found[found["segmentation"] == "income_spending"]
    assert "High income, high spending" in set(caught["audience"])
    assert caught["reading"].str.startswith("Look before sending: men are 100 %").all()
    assert "audience_mix" in built.stdout

    shares = warehouse.query("""
        select segments.share_female, sum(case when group_name = 'women' then fairness.customers end) * 1.0
            / sum(case when group_name in ('women', 'men') then fairness.customers end) as share
        from marts.segment_fairness as fairness
        inner join marts.segments using (segmentation)
        where attribute = 'gender' and audience_kind = 'segment' and audience = segment_name
        group by segmentation, segment_name, segments.share_female
    """)
    assert shares["share_female"].to_numpy() == pytest.approx(shares["share"].to_numpy())

    effects = warehouse.query("select * from marts.feature_effects where segmentation = 'demographic'").set_index(
        "feature"
    )
    points = warehouse.query("""
        select customer_id, dimension, coordinate from features.training_points where segmentation = 'demographic'
    """).pivot(index="customer_id", columns="dimension", values="coordinate")
    features = warehouse.query("select * from features.segmentation_features where segmentation = 'demographic'")
    segments = warehouse.query(
        "select customer_id, segment_id from marts.customer_segments where segmentation = 'demographic'"
    )
    labels = segments.set_index("customer_id").loc[points.index, "segment_id"]
    centers = points.groupby(labels).mean()
    for feature, effect in effects.iterrows():
        kept = features.loc[features["feature"] != feature, "dimension"]
        nearest = centers.index.to_numpy()[cdist(points[kept], centers[kept]).argmin(axis=1)]
        assert effect["moved_share"] == pytest.approx((nearest != labels).mean(), abs=0.011)
    assert effects.loc["gender", "is_without_effect"]
    assert effects.loc["gender", "reading"].startswith("Gender does nothing")
    assert not effects.loc["age", "is_without_effect"]
    kept = features.loc[features["feature"] != "gender", "dimension"]
    refit = KMeans(len(centers), init=centers[kept].to_numpy(), n_init=1).fit(points[kept].to_numpy())
    assert adjusted_rand_score(refit.labels_, labels) > 0.95
