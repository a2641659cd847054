"""The axes of a map, held against scikit-learn's principal components."""

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from python_models.map_axes import map_axes, principal_axes, reading

SPREADS = [3.0, 1.0, 2.0, 0.5]


def features_of(*labels: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"dimension": range(1, len(labels) + 1), "feature": labels, "level": "", "label": labels, "scale": 1.0}
    )


@pytest.fixture
def points() -> np.ndarray:
    """Customers who differ along four mixed directions, far from the origin."""
    rng = np.random.default_rng(4)
    mixed = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    return rng.normal(size=(300, 4)) * SPREADS @ mixed + [5, -3, 0, 100]


def test_axes_are_the_first_two_principal_components(points):
    loadings, explained = principal_axes(points)
    truth = PCA(2, svd_solver="full").fit(points)
    same = np.sign((loadings * truth.components_).sum(axis=1))[:, None]
    assert loadings * same == pytest.approx(truth.components_, abs=1e-8)
    assert explained == pytest.approx(truth.explained_variance_ratio_)
    assert (points - points.mean(axis=0)) @ loadings.T * same[:, 0] == pytest.approx(truth.transform(points), abs=1e-6)


def test_axes_do_not_turn_over_with_the_order_of_rows_or_a_little_noise(points):
    loadings, _ = principal_axes(points)
    rng = np.random.default_rng(5)
    shuffled, _ = principal_axes(rng.permutation(points))
    assert shuffled == pytest.approx(loadings, abs=1e-8)
    for _ in range(20):
        moved, _ = principal_axes(points + rng.normal(0, 0.05, points.shape))
        assert ((moved * loadings).sum(axis=1) > 0.99).all()
    # Of two features that pull apart equally the first decides, whichever comes out larger by a hair.
    line = np.array([[1.0, -1.0, 0.0]]).T * rng.normal(size=200)
    for hair in (0.999, 1.001):
        opposed = (line * [[1.0], [hair], [1.0]]).T + rng.normal(0, 0.01, (200, 3))
        assert principal_axes(opposed)[0][0] == pytest.approx([0.707, -0.707, 0], abs=0.02)


def test_a_map_tells_what_there_is_more_of_in_order_of_the_loadings():
    features = pd.DataFrame(
        {
            "feature": ["income", "purchases", "recency_days", "sex", "age"],
            "level": ["", "", "", "women", ""],
            "label": ["annual income", "purchases", "days since the last purchase", "gender", "age"],
        }
    )
    said = {
        (0.9, 0, 0, 0, 0.44): "higher annual income",
        (0.5, 0.6, -0.55, 0, 0.2): "more purchases, fewer days since the last purchase, higher annual income",
        (0.1, -0.8, 0, -0.5, 0): "fewer purchases, gender less often women",
        (0, 0, 0.3, 0.9, -0.5): "gender more often women, lower age",
        (0.5, 0.5, 0.5, 0.5, 0.0): "higher annual income, more purchases, more days since the last purchase",
    }
    for loadings, words in said.items():
        assert reading(np.array(loadings), features) == words


def test_each_axis_has_a_row_for_each_dimension(points):
    axes = map_axes(points, features_of("a", "b", "c", "d"))
    assert axes[["axis", "dimension"]].to_numpy().tolist() == [
        [axis, place] for axis in (1, 2) for place in (1, 2, 3, 4)
    ]
    assert axes.groupby("axis")["loading"].agg(lambda own: (own**2).sum()).tolist() == pytest.approx([1, 1])
    assert axes.groupby("axis")["explained"].nunique().tolist() == [1, 1]
    assert axes["scale"].tolist() == [1.0] * 8


def test_two_dimensions_and_customers_who_are_all_alike_have_no_such_map(points):
    assert map_axes(points[:, :2], features_of("a", "b")).empty
    assert map_axes(np.ones((5, 3)), features_of("a", "b", "c")).empty
    assert len(map_axes(points[:2], features_of("a", "b", "c", "d"))) == 8


def test_customers_who_differ_in_one_feature_only_lie_on_a_line():
    points = np.column_stack([np.arange(6.0), np.zeros(6), np.zeros(6)])
    loadings, explained = principal_axes(points)
    assert loadings[0] == pytest.approx([1, 0, 0])
    assert explained == pytest.approx([1, 0])
