"""SQL, its function, the model files and the page's form say the same of every customer, however odd."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import joblib
import numpy as np
import onnxruntime
import pandas as pd
import pytest
import skops.io
from project import PROJECT, Warehouse

from mall_segments.frames import read_frames
from mall_segments.page import dashboard_html
from mall_segments.saved_models import model_files
from tests.page.form import ask

ROWS = 2000
# What a reader of the skops file allows: parts of NumPy and scikit-learn that compute, and nothing that acts.
HARMLESS = [
    "numpy.asarray",
    "numpy.clip",
    "numpy.dot",
    "numpy.dtype",
    "numpy.ma.core.filled",
    "numpy.ma.core.masked_outside",
    "pandas.isna",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._kd_tree.KDTree",
]
CHANNELS = ["shop", "web", "phone"]


@dataclass
class Scored:
    """Customers that a frozen model scored in SQL, with what was typed of them, and where to ask about them again."""

    warehouse: Warehouse
    inputs: pd.DataFrame  # a column of texts per feature, by customer_id
    models: Path


def drawn_numbers(rng: np.random.Generator, ordinary: Callable[[int], np.ndarray]) -> list[str]:
    """Draw numbers as texts: most of them ordinary, others missing, far out, out of range or past all bounds."""
    texts = [f"{value:.2f}" for value in ordinary(ROWS)]
    odd = [
        lambda: "",
        lambda: f"{rng.uniform(-1000, 0):.2f}",
        lambda: f"{10 ** rng.uniform(2, 12):.2f}",
        lambda: f"{-(10 ** rng.uniform(2, 12)):.2f}",
        lambda: str(int(10.0 ** int(rng.integers(95, 110)))),
        lambda: "0",
    ]
    for row in rng.choice(ROWS, ROWS // 3, replace=False):
        texts[row] = odd[rng.integers(len(odd))]()
    return texts


def score(warehouse: Warehouse, inputs: pd.DataFrame, headers: dict[str, str], project_vars: dict) -> Scored:
    """Score customers with the models there are, and write the models to files."""
    file = warehouse.folder / "inputs.csv"
    inputs.rename(columns=headers).to_csv(file, index_label="CustomerID")
    trained = warehouse.query("select * from clustering.segment_centroids order by all")
    warehouse.dbt("build", "--selector", "score", project_vars=project_vars | {"customers_file": str(file)})
    pd.testing.assert_frame_equal(warehouse.query("select * from clustering.segment_centroids order by all"), trained)
    models = warehouse.folder / "models"
    models.mkdir()
    files = model_files(
        warehouse.query("from clustering.segment_centroids"),
        warehouse.query("""
            select segmentation, segment_id, segment_name from marts.segments
            inner join marts.segmentations using (segmentation) order by position, segment_id
        """),
    )
    for name, content in files.items():
        (models / name).write_bytes(content)
    return Scored(warehouse, inputs, models)


@pytest.fixture(scope="module")
def mall(warehouse, tmp_path_factory) -> Scored:
    copy = Warehouse(tmp_path_factory.mktemp("scored"))
    shutil.copy(warehouse.path, copy.path)
    rng = np.random.default_rng(11)
    inputs = pd.DataFrame(
        {
            "age": drawn_numbers(rng, lambda n: rng.uniform(10, 130, n)),
            "annual_income_k": drawn_numbers(rng, lambda n: rng.uniform(0, 200, n)),
            "spending_score": drawn_numbers(rng, lambda n: rng.uniform(-10, 110, n)),
            "gender": rng.choice(["Male", "Female", "", "Diverse"], ROWS),
        },
        index=[f"N{row:05}" for row in range(ROWS)],
    )
    headers = {
        "age": "Age",
        "annual_income_k": "Annual Income (k$)",
        "spending_score": "Spending Score (1-100)",
        "gender": "Gender",
    }
    return score(copy, inputs, headers, {})


SHOP = {
    "segmentations": {
        "shopping": {"features": {"orders": 1, "revenue": {"weight": 1, "transform": "log"}, "channel": 1}}
    },
    "customer_columns": {
        "customer_id": {"from": ["CustomerID"]},
        "orders": {"from": ["orders"], "type": "number", "min": 0, "max": 5000},
        "revenue": {"from": ["revenue"], "type": "number"},
        "channel": {"from": ["channel"], "type": "category"},
    },
    "value_features": {"revenue": 1},
    "fixed_features": [],
    "cluster_counts": {"min": 2, "max": 5},
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Scored:
    """Three wild spenders, a logarithm, returns, and a category with more values than a model keeps."""
    built = Warehouse(tmp_path_factory.mktemp("shop"))
    rng = np.random.default_rng(12)
    rare = [f"partner {number}" for number in range(30)]
    customers = pd.read_csv(PROJECT / "tests" / "data" / "cases" / "whales.csv")
    customers.columns = ["CustomerID", "orders", "revenue"]
    customers["channel"] = rng.choice([*CHANNELS, *rare], len(customers), p=[0.31] * 3 + [0.07 / 30] * 30)
    customers.loc[rng.choice(len(customers), 50, replace=False), "channel"] = ""
    customers.to_csv(built.folder / "customers.csv", index=False)
    built.dbt("build", project_vars=SHOP | {"customers_file": str(built.folder / "customers.csv")})
    inputs = pd.DataFrame(
        {
            "orders": drawn_numbers(rng, lambda n: rng.gamma(2, 5, n)),
            "revenue": drawn_numbers(rng, lambda n: rng.lognormal(5, 2, n) * rng.choice([1, 1, 1, -1], n)),
            "channel": rng.choice([*CHANNELS, *rare, "", "never seen"], ROWS),
        },
        index=[f"N{row:05}" for row in range(ROWS)],
    )
    return score(built, inputs, {}, SHOP)


@pytest.fixture
def scored(request) -> tuple[Scored, str, str]:
    """What was scored, by which segmentation, and how its files are called."""
    segmentation, stem = request.param
    return (
        request.getfixturevalue("shop" if segmentation == "shopping" else "mall"),
        segmentation,
        stem,
    )


EVERY = pytest.mark.parametrize(
    "scored",
    [
        ("income_spending", "kmeans_model"),
        ("demographic", "kmeans_model_demographic"),
        ("shopping", "kmeans_model"),
    ],
    indirect=True,
    ids=["income_spending", "demographic", "shopping"],
)


def sql_answers(scored: Scored, segmentation: str) -> pd.DataFrame:
    """Return what SQL finds of each customer that it scores, by customer_id."""
    answers = scored.warehouse.query(f"from marts.customer_segments where segmentation = '{segmentation}'")
    answers = answers.set_index("customer_id").sort_index()
    # Who has no usable value at all is rejected when loading.
    assert len(answers) > 0.95 * ROWS
    assert (answers["imputed_features"] != "").sum() > 200
    assert (answers["clipped_features"] != "").sum() > 100
    return answers


def facts_of(scored: Scored, stem: str) -> tuple[dict, onnxruntime.InferenceSession]:
    session = onnxruntime.InferenceSession(scored.models / f"{stem}.onnx")
    return session.get_modelmeta().custom_metadata_map, session


def typed(scored: Scored, answers: pd.DataFrame, numbers: list[str], categories: list[str]) -> pd.DataFrame:
    """Return what was typed of the customers that SQL scored, as a reader of the file would have it."""
    rows = scored.inputs.loc[answers.index]
    values = {name: pd.to_numeric(rows[name].replace("", None)) for name in numbers}
    return pd.DataFrame(values | {name: rows[name].replace("", None) for name in categories})


@EVERY
def test_saved_models_answer_as_sql_does(scored):
    scored, segmentation, stem = scored
    answers = sql_answers(scored, segmentation)
    metadata, session = facts_of(scored, stem)
    numbers = metadata["features"].split(",")
    categories = list(filter(None, metadata["categories"].split(",")))
    customers = typed(scored, answers, numbers, categories)

    file = scored.models / f"{stem}.skops"
    assert set(skops.io.get_untrusted_types(file=file)) <= set(HARMLESS)
    for model in (joblib.load(scored.models / f"{stem}.joblib"), skops.io.load(file, trusted=HARMLESS)):
        np.testing.assert_array_equal(model.predict(customers), answers["segment_id"])
        distances, places = model[-1].kneighbors(model[:-1].transform(customers), 2)
        np.testing.assert_allclose(distances, answers[["distance", "runner_up_distance"]], rtol=1e-9, atol=1e-9)
        np.testing.assert_array_equal(model.classes_[places[:, 1]], answers["runner_up_segment_id"])

    given = {"features": customers[numbers].to_numpy(float)}
    if categories:
        given["categories"] = customers[categories].fillna("").to_numpy(object)
    segment_ids, distances, is_filled, is_held = session.run(None, given)
    np.testing.assert_array_equal(segment_ids, answers["segment_id"])
    np.testing.assert_allclose(distances, answers["distance"], rtol=1e-9, atol=1e-9)
    for said, told in [(is_filled, "imputed_features"), (is_held, "clipped_features")]:
        lists = answers[told].str.split(", ")
        expected = np.array([[name in names for name in numbers] for names in lists])
        np.testing.assert_array_equal(said, expected)


@EVERY
def test_saved_models_say_what_they_are(scored):
    scored, segmentation, stem = scored
    rows = scored.warehouse.query(f"from clustering.segment_centroids where segmentation = '{segmentation}'")
    rows = rows.sort_values("dimension").drop_duplicates("dimension")
    is_number = rows["level"] == ""
    names = scored.warehouse.query(f"from marts.segments where segmentation = '{segmentation}'")
    fills = rows[is_number].set_index("feature")["fill_value"].to_dict()
    for name, levels in rows[~is_number].groupby("feature"):
        fills[name] = levels.set_index("level")["fill_value"].to_dict()
        assert sum(fills[name].values()) == pytest.approx(1)
    expected = {
        "segmentation": segmentation,
        "model_version": 1,
        "features": rows.loc[is_number, "feature"].tolist(),
        "categories": rows.loc[~is_number, "feature"].unique().tolist(),
        "levels": {name: levels["level"].tolist() for name, levels in rows[~is_number].groupby("feature")},
        "fill_values": fills,
        "segment_names": names.set_index("segment_id")["segment_name"].to_dict(),
    }
    assert joblib.load(scored.models / f"{stem}.joblib").facts_ == expected
    assert skops.io.load(scored.models / f"{stem}.skops", trusted=HARMLESS).facts_ == expected
    metadata, _ = facts_of(scored, stem)
    assert metadata["segmentation"] == segmentation
    assert metadata["features"] == ",".join(expected["features"])
    assert metadata["categories"] == ",".join(expected["categories"])
    for key in ("model_version", "levels", "fill_values"):
        assert json.loads(metadata[key]) == expected[key]
    assert {int(key): name for key, name in json.loads(metadata["segment_names"]).items()} == expected["segment_names"]


def frames_of(scored: Scored, segmentation: str) -> dict[str, pd.DataFrame]:
    """Return what the page shows, with one segmentation as the first, which is that of its form."""
    with duckdb.connect(str(scored.warehouse.path), read_only=True) as connection:
        frames = read_frames(connection)
    first = frames["segmentations"]["segmentation"] == segmentation
    frames["segmentations"] = pd.concat(
        [frames["segmentations"][first], frames["segmentations"][~first]], ignore_index=True
    )
    return frames


@EVERY
def test_a_whole_file_is_classified_in_the_page_as_sql_does(scored, opened):
    """The very file that the warehouse has loaded, with all that is missing, out of range or unknown to the model."""
    scored, segmentation, _ = scored
    answers = sql_answers(scored, segmentation)
    with opened(dashboard_html(frames_of(scored, segmentation)), is_folded=True) as page:
        page.set_input_files("#file", scored.warehouse.folder / "inputs.csv")
        page.wait_for_function("() => document.getElementById('file-said').textContent.includes('have a segment')")
        with page.expect_download() as waiting:
            page.click("#file-save")
        found = pd.read_csv(waiting.value.path(), dtype={"CustomerID": str}).set_index("CustomerID")
    assert len(found) == ROWS
    assert found["segment"].notna().all()
    found = found.loc[answers.index]
    np.testing.assert_array_equal(found["segment_name"], answers["segment_name"])
    np.testing.assert_allclose(found["margin"], answers["margin"], atol=5.1e-5)
    names = answers.drop_duplicates("segment_id").set_index("segment_id")
    called = found.groupby("segment")["segment_name"].nunique()
    assert called.eq(1).all()
    assert len(called) == len(names)


@EVERY
def test_the_form_answers_as_sql_does(scored, opened):
    scored, segmentation, _ = scored
    answers = sql_answers(scored, segmentation)
    frames = frames_of(scored, segmentation)
    fields = frames["form_fields"].query("segmentation == @segmentation")
    inputs = scored.inputs.loc[answers.index, fields["feature"]]
    for name in fields.loc[fields["is_category"], "feature"]:
        # The form offers what the model knows; of other values it has 'other' where the model does.
        levels = set(frames["form_centers"].query("segmentation == @segmentation and feature == @name")["level"])
        otherwise = "other" if "other" in levels else ""
        inputs[name] = [value if value in {*levels, ""} else otherwise for value in inputs[name]]
    with opened(dashboard_html(frames)) as page:
        said = ask(page, inputs.to_numpy().tolist()).set_index(answers.index)
    for column in ("segment_id", "runner_up_segment_id"):
        np.testing.assert_array_equal(said[column], answers[column])
    np.testing.assert_allclose(said["distance"], answers["distance"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(said["margin"], answers["margin"], rtol=1e-6, atol=1e-9)
    for field in fields[~fields["is_category"]].itertuples():
        filled = answers["imputed_features"].str.split(", ").map(lambda names, name=field.feature: name in names)
        held = answers["clipped_features"].str.split(", ").map(lambda names, name=field.feature: name in names)
        np.testing.assert_array_equal(said["notes"].str.contains(rf"{field.label} \([^)]*taken\)"), filled)
        np.testing.assert_array_equal(said["notes"].str.contains(rf"{field.label} \(counts as"), held)


@pytest.mark.parametrize(
    "scored", [("income_spending", ""), ("shopping", "")], indirect=True, ids=["income_spending", "shopping"]
)
def test_the_function_answers_as_sql_does(scored):
    scored, segmentation, _ = scored
    answers = sql_answers(scored, segmentation)
    is_odd = (answers["imputed_features"] != "") | (answers["clipped_features"] != "")
    asked = pd.concat([answers[is_odd].iloc[::150], answers[~is_odd].iloc[::400]])
    assert len(asked) > 8
    features = scored.warehouse.query(f"""
        select distinct feature, feature_position, level != '' as is_category from clustering.segment_centroids
        where segmentation = '{segmentation}' order by feature_position
    """)
    features = features.drop_duplicates("feature")
    with duckdb.connect(str(scored.warehouse.path), read_only=True) as connection:
        for customer_id, row in asked.iterrows():
            values = []
            for field in features.itertuples():
                text = scored.inputs.loc[customer_id, field.feature]
                values.append(None if text == "" else text if field.is_category else float(text))
            places = ", ".join("?" for _ in values)
            answer = connection.execute(f"from marts.classify_customer({places})", values).df().iloc[0]
            for column in ("segment_id", "runner_up_segment_id", "is_outlier", "clipped_features"):
                assert answer[column] == row[column], (customer_id, column)
            # The table also lists what other segmentations lack.
            own = set(row["imputed_features"].split(", ")) & {"", *features["feature"]}
            assert set(answer["imputed_features"].split(", ")) - {""} == own - {""}, customer_id
            for column in ("distance", "runner_up_distance"):
                assert answer[column] == pytest.approx(row[column])
