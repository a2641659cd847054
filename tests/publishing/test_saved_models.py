"""The saved models of a model small enough to read, against its rule in plain Python."""

import itertools
import json
import math

import numpy as np
import onnxruntime
import pandas as pd
import pytest

from mall_segments.saved_models import facts, onnx_model, pipeline

ORDERS = [None, -1, 0, 1, 3, 51, 5000, 5001, 1e120]
REVENUES = [None, -2000, -5, 0, 7, 400, 3e4, 1e101, -1e101]
CHANNELS = [None, "", "shop", "web", "other", "never seen"]
NAMES = {7: "Rich", 3: "Rest"}


def centroids(levels: dict[str, float]) -> pd.DataFrame:
    """Return the rows of two segments over orders, the logarithm of revenue and a category with these shares."""
    number = {"level": "", "transform": "none", "valid_min": np.nan, "valid_max": np.nan}
    features = [
        number
        | {"feature": "orders", "scale": 4.0, "valid_min": 0.0, "valid_max": 5000.0, "low_fence": 1.0}
        | {"high_fence": 50.0, "fill_value": 6.0, "centers": (30.0, 5.0)},
        number
        | {"feature": "revenue", "scale": 1.5, "transform": "log", "low_fence": -1000.0, "high_fence": 20_000.0}
        | {"fill_value": 90.0, "centers": (5000.0, -20.0)},
    ]
    # Categories come in the order of the dimensions, not of their names.
    for position, (level, share) in enumerate(levels.items()):
        features.append(
            number
            | {"feature": "shop_used", "level": level, "scale": 0.5, "low_fence": np.nan, "high_fence": np.nan}
            | {"fill_value": share, "centers": (0.1 + 0.2 * position, 0.6 - 0.2 * position)}
        )
    for level in ("yes", "no") if levels else ():
        features.append(
            number
            | {"feature": "card", "level": level, "scale": 2.0, "low_fence": np.nan, "high_fence": np.nan}
            | {"fill_value": 0.5, "centers": (0.5, 0.5)}
        )
    rows = [
        {name: value for name, value in feature.items() if name != "centers"}
        | {"segment_id": segment_id, "dimension": dimension, "center": center}
        for dimension, feature in enumerate(features, start=1)
        for segment_id, center in zip(NAMES, feature["centers"], strict=True)
    ]
    # No reader may lean on the order of the rows.
    return pd.DataFrame(rows).assign(segmentation="worth", model_version=4).sample(frac=1, random_state=1)


def log(value: float) -> float:
    return math.copysign(math.log(1 + abs(value)), value)


def scored(orders, revenue, channel, levels: dict[str, float]) -> tuple[dict[int, float], list[bool], list[bool]]:
    """Return the distance from each segment, and which of the numbers are filled in and held to a fence."""
    is_filled = [orders is None or not 0 <= orders <= 5000, revenue is None or abs(revenue) > 1e100]
    orders, revenue = 6 if is_filled[0] else orders, 90 if is_filled[1] else revenue
    is_held = [not 1 <= orders <= 50, not -1000 <= revenue <= 20_000]
    places = [min(max(orders, 1), 50) / 4, log(min(max(revenue, -1000), 20_000)) / 1.5]
    known = channel if channel in levels else "other" if channel and "other" in levels else None
    places += [(share if known is None else level == known) / 0.5 for level, share in levels.items()]
    shares = [[(0.1 + 0.2 * place) / 0.5 for place in range(len(levels))]]
    shares += [[(0.6 - 0.2 * place) / 0.5 for place in range(len(levels))]]
    centers = {7: [30 / 4, log(5000) / 1.5, *shares[0]], 3: [5 / 4, log(-20) / 1.5, *shares[1]]}
    # Nobody says whether there is a card, so that both values count as half there, as at the centers.
    return {segment_id: math.dist(places, center) for segment_id, center in centers.items()}, is_filled, is_held


@pytest.mark.parametrize(
    "levels", [{"shop": 0.5, "other": 0.2, "web": 0.3}, {"shop": 0.6, "web": 0.4}], ids=["other", "no other"]
)
def test_saved_models_answer_by_the_rule(levels):
    rows = centroids(levels)
    customers = pd.DataFrame(itertools.product(ORDERS, REVENUES, CHANNELS), columns=["orders", "revenue", "shop_used"])
    customers = customers.astype({"shop_used": object}).assign(card="")
    asked = itertools.product(ORDERS, REVENUES, CHANNELS)
    expected = [scored(*customer, levels) for customer in asked]
    nearest = [min(distances, key=distances.get) for distances, *_ in expected]
    assert set(nearest) == {3, 7}

    model = pipeline(rows, NAMES)
    assert model.predict(customers).tolist() == nearest
    found, places = model[-1].kneighbors(model[:-1].transform(customers), 2)
    assert model.classes_[places[:, 0]].tolist() == nearest
    assert found == pytest.approx(np.array([sorted(distances.values()) for distances, *_ in expected]))

    graph = onnx_model(rows, NAMES)
    # The oldest versions that have what it needs.
    assert {each.domain: each.version for each in graph.opset_import} == {"": 13, "ai.onnx.ml": 2}
    assert graph.ir_version == 8
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    given = {
        "features": customers[["orders", "revenue"]].to_numpy(float),
        "categories": customers[["shop_used", "card"]].fillna("").to_numpy(object),
    }
    segment_ids, distances, is_filled, is_held = session.run(None, given)
    assert segment_ids.tolist() == nearest
    assert distances == pytest.approx(found[:, 0])
    assert is_filled.tolist() == [filled for _, filled, _ in expected]
    assert is_held.tolist() == [held for *_, held in expected]

    said = {
        "segmentation": "worth",
        "model_version": 4,
        "features": ["orders", "revenue"],
        "categories": ["shop_used", "card"],
        "levels": {"shop_used": list(levels), "card": ["yes", "no"]},
        "fill_values": {"orders": 6.0, "revenue": 90.0, "shop_used": levels, "card": {"yes": 0.5, "no": 0.5}},
        "segment_names": NAMES,
    }
    assert facts(rows, NAMES) == said == model.facts_
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["features"] == "orders,revenue"
    assert metadata["categories"] == "shop_used,card"
    assert json.loads(metadata["fill_values"]) == said["fill_values"]
    assert metadata["model_version"] == "4"


def test_a_model_of_numbers_alone_asks_for_no_categories():
    rows = centroids({})
    session = onnxruntime.InferenceSession(onnx_model(rows, NAMES).SerializeToString())
    assert [each.name for each in session.get_inputs()] == ["features"]
    assert [each.name for each in session.get_outputs()] == ["segment_id", "distance", "is_filled", "is_held"]
    segment_ids, *_ = session.run(None, {"features": np.array([[30.0, 5000.0], [np.nan, -20.0]])})
    assert segment_ids.tolist() == [7, 3]
    assert pipeline(rows, NAMES).predict(pd.DataFrame({"orders": [30, None], "revenue": [5000, -20]})).tolist() == [
        7,
        3,
    ]
