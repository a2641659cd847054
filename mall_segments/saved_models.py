"""The champion's rows as model files for use outside the warehouse: scikit-learn (joblib) and ONNX."""

import numpy as np
import pandas as pd
from onnx import ModelProto, TensorProto, checker, helper, numpy_helper
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler


def centroid_table(centroids: pd.DataFrame) -> pd.DataFrame:
    """One row per segment, one column per feature, in the order of the segmentation's features.

    Parameters
    ----------
    centroids : DataFrame, the champion's rows of one segmentation
        Holds `segment_id`, `feature`, `feature_position`, `center` and `scale`, in the feature's own unit.
    """
    features = centroids.sort_values("feature_position")["feature"].unique()
    return centroids.pivot(index="segment_id", columns="feature", values="center")[features].sort_index()


def feature_scales(centroids: pd.DataFrame) -> pd.Series:
    """One scale per feature, in the order of the segmentation's features."""
    return centroids.sort_values("feature_position").drop_duplicates("feature").set_index("feature")["scale"]


def pipeline(centroids: pd.DataFrame) -> Pipeline:
    """Rebuild a champion as a scikit-learn pipeline whose `predict` returns segment ids.

    K-Means assigns a customer to the nearest center, so its prediction is that of the one nearest neighbour among
    the centers. That class keeps the segments' own ids, which `KMeans` would replace by row numbers, and pickles
    without any code of this project.

    Parameters
    ----------
    centroids : DataFrame, the champion's rows of one segmentation
        See `centroid_table`.

    Returns
    -------
    Pipeline of a StandardScaler and a KNeighborsClassifier
        Takes the features in their own units. ``model[-1].kneighbors(model[:-1].transform(customers), 2)`` gives the
        distances to the segment and to the runner-up.
    """
    centers = centroid_table(centroids)
    scales = feature_scales(centroids)
    # One scale below and one above the mean: data that have exactly the champion's mean and scale.
    scaler = StandardScaler(with_mean=False).fit(pd.DataFrame([-scales, scales]))
    nearest = KNeighborsClassifier(n_neighbors=1, algorithm="kd_tree").fit(scaler.transform(centers), centers.index)
    return make_pipeline(scaler, nearest)


def onnx_model(centroids: pd.DataFrame, segmentation: str) -> ModelProto:
    """Write a champion as an ONNX graph: plain arithmetic that loads without executing code.

    Parameters
    ----------
    centroids : DataFrame, the champion's rows of one segmentation
        See `centroid_table`.
    segmentation : str
        Recorded in the file, beside the names of the features in their order.

    Returns
    -------
    ModelProto
        Input `features`, double (customers, features), in the features' own units. Outputs `segment_id`, int64
        (customers,), and `distance`, double (customers,), to the center of the segment, in scaled units.
    """
    centers = centroid_table(centroids)
    scales = feature_scales(centroids).to_numpy()
    constants = {
        "scales": scales,
        "scaled_centers": (centers.to_numpy() / scales)[None, :, :],
        "segment_ids": centers.index.to_numpy(dtype=np.int64),
        "segment_axis": np.array([1]),
        "feature_axis": np.array([2]),
    }
    nodes = [
        helper.make_node("Div", ["features", "scales"], ["scaled"]),
        helper.make_node("Unsqueeze", ["scaled", "segment_axis"], ["customers"]),
        helper.make_node("Sub", ["customers", "scaled_centers"], ["differences"]),
        helper.make_node("Mul", ["differences", "differences"], ["squares"]),
        helper.make_node("ReduceSum", ["squares", "feature_axis"], ["squared_distances"], keepdims=0),
        helper.make_node("ArgMin", ["squared_distances"], ["nearest"], axis=1, keepdims=0),
        helper.make_node("Gather", ["segment_ids", "nearest"], ["segment_id"]),
        helper.make_node("ReduceMin", ["squared_distances"], ["squared_distance"], axes=[1], keepdims=0),
        helper.make_node("Sqrt", ["squared_distance"], ["distance"]),
    ]
    graph = helper.make_graph(
        nodes,
        f"nearest_{segmentation}_segment",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["customers", len(scales)])],
        [
            helper.make_tensor_value_info("segment_id", TensorProto.INT64, ["customers"]),
            helper.make_tensor_value_info("distance", TensorProto.DOUBLE, ["customers"]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    # The oldest versions that have these operators, so that older runtimes load the file.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, {"segmentation": segmentation, "features": ",".join(centers.columns)})
    checker.check_model(model, full_check=True)
    return model
