"""The champion's rows as model files for use outside the warehouse: scikit-learn (joblib, skops) and ONNX.

Each does with a customer what the SQL does: a value that is missing or outside its valid range is filled in, a wild one
is held to the fence, and the nearest center is found on the transformed and scaled values.
"""

import io
import json
import zipfile
from typing import Any

import joblib
import numpy as np
import pandas as pd
import skops.io
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

OTHER = "other"
NOT_STATED = ""
# The largest size of a number that loading accepts.
FAR = 1e100


def features_of(centroids: pd.DataFrame) -> pd.DataFrame:
    """One row per dimension of the model, in order: what turns a value into a coordinate.

    Parameters
    ----------
    centroids : DataFrame, the champion's rows of one segmentation
        As in `clustering.segment_centroids`: a row per segment and feature, of a category one per value.
    """
    return centroids.sort_values("dimension").drop_duplicates("dimension").set_index("dimension")


def transformed(values: np.ndarray, is_log: np.ndarray) -> np.ndarray:
    """Put values on the scale that distances are taken on."""
    return np.where(is_log, np.sign(values) * np.log1p(np.abs(values)), values)


def coordinates_of_centers(centroids: pd.DataFrame) -> pd.DataFrame:
    """One row per segment, one column per dimension: the centers in scaled units."""
    features = features_of(centroids)
    centers = centroids.pivot(index="segment_id", columns="dimension", values="center")[features.index].sort_index()
    is_log = (features["transform"] == "log").to_numpy()
    return pd.DataFrame(
        transformed(centers.to_numpy(), is_log) / features["scale"].to_numpy(), centers.index, centers.columns
    )


def is_number(features: pd.DataFrame) -> pd.Series:
    """Tell the numbers from the values of categories."""
    return features["level"] == ""


def bounds(number: pd.Series, low: str, high: str) -> tuple[float, float]:
    """Two limits of a number; where there is none, the limit of all numbers that loading accepts."""
    return tuple(float(far if pd.isna(number[limit]) else number[limit]) for limit, far in ((low, -FAR), (high, FAR)))


def scaled_by(scale: np.ndarray, shift: np.ndarray | float = 0.0) -> StandardScaler:
    """A scaler that adds `shift` and divides by `scale`: fitted on two rows that have just that mean and deviation."""
    return StandardScaler().fit(np.vstack([-shift - np.asarray(scale), -shift + np.asarray(scale)]))


def number_steps(number: pd.Series) -> Pipeline:
    """From the values of one number to its coordinate."""
    valid_min, valid_max = bounds(number, "valid_min", "valid_max")
    low_fence, high_fence = bounds(number, "low_fence", "high_fence")
    steps = [
        FunctionTransformer(np.asarray, kw_args={"dtype": "float64"}),
        FunctionTransformer(np.ma.masked_outside, kw_args={"v1": valid_min, "v2": valid_max}),
        FunctionTransformer(np.ma.filled, kw_args={"fill_value": np.nan}),
        SimpleImputer(keep_empty_features=True).fit([[number["fill_value"]]]),
        FunctionTransformer(np.clip, kw_args={"a_min": low_fence, "a_max": high_fence}),
    ]
    if number["transform"] == "log":
        above = [FunctionTransformer(np.clip, kw_args={"a_min": 0, "a_max": None}), FunctionTransformer(np.log1p)]
        below = [
            FunctionTransformer(np.negative),
            FunctionTransformer(np.clip, kw_args={"a_min": 0, "a_max": None}),
            FunctionTransformer(np.log1p),
        ]
        sides = FeatureUnion([("above", make_pipeline(*above)), ("below", make_pipeline(*below))])
        steps += [sides, FunctionTransformer(np.dot, kw_args={"b": np.array([[1.0], [-1.0]])})]
    return make_pipeline(*steps, scaled_by(np.array([number["scale"]])))


def category_rows(levels: pd.DataFrame) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Name the values that a model knows, their places in its dimensions, and the place of any other value."""
    shares = levels["fill_value"].to_numpy()
    places = np.eye(len(levels))
    is_other = (levels["level"] == OTHER).to_numpy()
    unknown = places[is_other.argmax()] if is_other.any() else shares
    return [*levels["level"], NOT_STATED], np.vstack([places, shares]), unknown


def category_steps(levels: pd.DataFrame) -> Pipeline:
    """From the values of one category to its coordinates."""
    names, places, unknown = category_rows(levels)
    encoder = OneHotEncoder(categories=[names], handle_unknown="ignore", sparse_output=False)
    # Beside a column per name one for every kind of missing value, which count as not stated. Nothing here calls a
    # method by its name: who trusts such a step in a file trusts whatever methods the file names.
    steps = FeatureUnion([("named", encoder), ("missing", FunctionTransformer(pd.isna))])
    return make_pipeline(
        FunctionTransformer(np.asarray, kw_args={"dtype": "object"}),
        steps.fit(np.array(names, dtype="object")[:, None]),
        FunctionTransformer(np.dot, kw_args={"b": np.vstack([places, places[-1]]) - unknown}),
        scaled_by(levels["scale"].to_numpy(), unknown),
    )


def facts(centroids: pd.DataFrame, segment_names: dict[int, str]) -> dict[str, Any]:
    """Collect what a model file says of itself, in plain dicts, lists, texts and numbers.

    Parameters
    ----------
    centroids : DataFrame, the champion's rows of one segmentation
        See `features_of`.
    segment_names : dict of int to str
        Name of each segment by its id.

    Returns
    -------
    dict
        `segmentation`; `model_version`; `features`, the numbers, and `categories`, each in the order of the inputs;
        `levels`, the values that the model knows of each category; `fill_values`, what stands in for a number that is
        not known, and of a category the share of each value; and `segment_names`.
    """
    features = features_of(centroids)
    numbers = features[is_number(features)]
    categories = dict(list(features[~is_number(features)].groupby("feature", sort=False)))
    return {
        "segmentation": str(centroids["segmentation"].iloc[0]),
        "model_version": int(centroids["model_version"].iloc[0]),
        "features": numbers["feature"].tolist(),
        "categories": list(categories),
        "levels": {name: levels["level"].tolist() for name, levels in categories.items()},
        "fill_values": dict(zip(numbers["feature"], numbers["fill_value"].tolist(), strict=True))
        | {name: dict(zip(own["level"], own["fill_value"].tolist(), strict=True)) for name, own in categories.items()},
        "segment_names": {int(segment_id): str(name) for segment_id, name in segment_names.items()},
    }


def pipeline(centroids: pd.DataFrame, segment_names: dict[int, str]) -> Pipeline:
    """Rebuild a champion as a scikit-learn pipeline whose `predict` returns segment ids.

    K-Means assigns a customer to the nearest center, so its prediction is that of the one nearest neighbor among
    the centers. That class keeps the segments' own ids, which `KMeans` would replace by row numbers, and pickles
    without any code of this project.

    Parameters
    ----------
    centroids : DataFrame, the champion's rows of one segmentation
        See `features_of`.
    segment_names : dict of int to str
        Name of each segment by its id.

    Returns
    -------
    Pipeline of a ColumnTransformer and a KNeighborsClassifier
        Takes a DataFrame with the features as columns, in their own units; NaN or None where a value is not known.
        ``model[-1].kneighbors(model[:-1].transform(customers), 2)`` gives the distances to the segment and to the
        runner-up; ``model.facts_`` what :func:`facts` collects.
    """
    features = features_of(centroids)
    steps = []
    for name, rows in features.groupby("feature", sort=False):
        prepare = number_steps(rows.iloc[0]) if is_number(rows).all() else category_steps(rows)
        steps.append((name, prepare, [name]))
    centers = coordinates_of_centers(centroids)
    columns = ColumnTransformer(steps)
    # One customer to fit with: each step carries what it needs already.
    one = {name: 0.0 if is_number(rows).all() else NOT_STATED for name, rows in features.groupby("feature", sort=False)}
    columns.fit(pd.DataFrame([one]))
    columns.transformers_ = [(name, prepare, columns_) for name, prepare, columns_ in steps]
    nearest = KNeighborsClassifier(n_neighbors=1, algorithm="kd_tree").fit(centers.to_numpy(), centers.index)
    model = make_pipeline(columns, nearest)
    model.facts_ = facts(centroids, segment_names)
    return model


def onnx_model(centroids: pd.DataFrame, segment_names: dict[int, str]) -> ModelProto:
    """Write a champion as an ONNX graph: plain arithmetic that loads without executing code.

    Parameters
    ----------
    centroids : DataFrame, the champion's rows of one segmentation
        See `features_of`.
    segment_names : dict of int to str
        Name of each segment by its id.

    Returns
    -------
    ModelProto
        Inputs `features`, double (customers, numbers), in the features' own units, NaN where a value is not known; and
        `categories`, string (customers, categories), empty where not stated, if the segmentation has any. Outputs
        `segment_id`, int64 (customers,); `distance`, double (customers,), to the center of the segment, in scaled
        units; and `is_filled` and `is_held`, boolean (customers, numbers): what was filled in and held to the fence.
        The metadata are what :func:`facts` collects: texts as they are, the names of inputs with commas between, and
        the rest as JSON.
    """
    features = features_of(centroids)
    numbers = features[is_number(features)]
    categories = features[~is_number(features)]
    is_log = (numbers["transform"] == "log").to_numpy()
    own = facts(centroids, segment_names)
    valid = np.array([bounds(row, "valid_min", "valid_max") for _, row in numbers.iterrows()]).reshape(-1, 2)
    fences = np.array([bounds(row, "low_fence", "high_fence") for _, row in numbers.iterrows()]).reshape(-1, 2)
    order = [*numbers.index, *categories.index]
    centers = coordinates_of_centers(centroids)[order]
    constants: dict[str, np.ndarray] = {
        "valid_min": valid[:, 0],
        "valid_max": valid[:, 1],
        "fill_values": numbers["fill_value"].to_numpy(),
        "low_fences": fences[:, 0],
        "high_fences": fences[:, 1],
        "is_log": is_log,
        "one": np.array(1.0),
        "scales": numbers["scale"].to_numpy(),
        "scaled_centers": centers.to_numpy()[None, :, :],
        "segment_ids": centers.index.to_numpy(dtype=np.int64),
        "segment_axis": np.array([1]),
        "dimension_axis": np.array([2]),
    }
    node = helper.make_node
    nodes = [
        # A comparison with NaN is false, so a value that is not known is not within its range either.
        node("GreaterOrEqual", ["features", "valid_min"], ["over"]),
        node("LessOrEqual", ["features", "valid_max"], ["under"]),
        node("And", ["over", "under"], ["is_valid"]),
        node("Not", ["is_valid"], ["is_filled"]),
        node("Where", ["is_valid", "features", "fill_values"], ["filled"]),
        node("Max", ["filled", "low_fences"], ["over_fence"]),
        node("Min", ["over_fence", "high_fences"], ["held"]),
        node("Equal", ["filled", "held"], ["is_kept"]),
        node("Not", ["is_kept"], ["is_held"]),
        node("Abs", ["held"], ["size"]),
        node("Add", ["size", "one"], ["size_and_one"]),
        node("Log", ["size_and_one"], ["log_size"]),
        node("Sign", ["held"], ["sign"]),
        node("Mul", ["sign", "log_size"], ["logarithm"]),
        node("Where", ["is_log", "logarithm", "held"], ["on_scale"]),
        node("Div", ["on_scale", "scales"], ["number_coordinates"]),
    ]
    parts = ["number_coordinates"]
    for position, (name, levels) in enumerate(categories.groupby("feature", sort=False)):
        names, places, unknown = category_rows(levels)
        constants[f"place_{position}"] = np.array(position)
        constants[f"coordinates_{position}"] = np.vstack([places, unknown]) / levels["scale"].to_numpy()
        nodes += [
            node("Gather", ["categories", f"place_{position}"], [f"values_{position}"], axis=1),
            node(
                "LabelEncoder",
                [f"values_{position}"],
                [f"rows_{position}"],
                domain="ai.onnx.ml",
                keys_strings=names,
                values_int64s=list(range(len(names))),
                default_int64=len(names),
                name=f"value_of_{name}",
            ),
            node("Gather", [f"coordinates_{position}", f"rows_{position}"], [f"category_{position}"], axis=0),
        ]
        parts.append(f"category_{position}")
    nodes += [
        node("Concat", parts, ["coordinates"], axis=1),
        node("Unsqueeze", ["coordinates", "segment_axis"], ["customers"]),
        node("Sub", ["customers", "scaled_centers"], ["differences"]),
        node("Mul", ["differences", "differences"], ["squares"]),
        node("ReduceSum", ["squares", "dimension_axis"], ["squared_distances"], keepdims=0),
        node("ArgMin", ["squared_distances"], ["nearest"], axis=1, keepdims=0),
        node("Gather", ["segment_ids", "nearest"], ["segment_id"]),
        node("ReduceMin", ["squared_distances"], ["squared_distance"], axes=[1], keepdims=0),
        node("Sqrt", ["squared_distance"], ["distance"]),
    ]
    inputs = [helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["customers", len(numbers)])]
    if own["categories"]:
        shape = ["customers", len(own["categories"])]
        inputs.append(helper.make_tensor_value_info("categories", TensorProto.STRING, shape))
    outputs = [
        helper.make_tensor_value_info("segment_id", TensorProto.INT64, ["customers"]),
        helper.make_tensor_value_info("distance", TensorProto.DOUBLE, ["customers"]),
        helper.make_tensor_value_info("is_filled", TensorProto.BOOL, ["customers", len(numbers)]),
        helper.make_tensor_value_info("is_held", TensorProto.BOOL, ["customers", len(numbers)]),
    ]
    graph = helper.make_graph(
        nodes,
        f"nearest_{own['segmentation']}_segment",
        inputs,
        outputs,
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    # The oldest versions that have these operators, so that older runtimes load the file.
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("ai.onnx.ml", 2)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    names = {key: ",".join(own[key]) for key in ("features", "categories")}
    helper.set_model_props(
        model,
        {key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in own.items()}
        | names,
    )
    checker.check_model(model, full_check=True)
    return model


def model_files(centroids: pd.DataFrame, segments: pd.DataFrame) -> dict[str, bytes]:
    """Save each champion as joblib, skops and ONNX; the first segmentation's carries the plain name, as in SQL.

    Segments by rule have no distances to a center, so there is no such file of them.

    Parameters
    ----------
    centroids : DataFrame
        The rows of `clustering.segment_centroids`.
    segments : DataFrame, in the order of the segmentations
        `segmentation`, `segment_id` and `segment_name`.

    Returns
    -------
    dict of str to bytes
        What each file holds, by its name.
    """
    files = {}
    for position, (segmentation, members) in enumerate(segments.groupby("segmentation", sort=False)):
        own = centroids[centroids["segmentation"] == segmentation]
        if own["outlier_distance"].isna().all():
            continue
        segment_names = dict(zip(members["segment_id"], members["segment_name"], strict=True))
        stem = "kmeans_model" if position == 0 else f"kmeans_model_{segmentation}"
        model = pipeline(own, segment_names)
        pickled = io.BytesIO()
        joblib.dump(model, pickled)
        files[f"{stem}.joblib"] = pickled.getvalue()
        # The same pipeline in a format that runs nothing but what its reader has allowed by name.
        files[f"{stem}.skops"] = skops.io.dumps(model, compression=zipfile.ZIP_DEFLATED)
        files[f"{stem}.onnx"] = onnx_model(own, segment_names).SerializeToString(deterministic=True)
    return files
