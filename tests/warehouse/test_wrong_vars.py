"""Every wrong var is refused in a sentence that names it and says what to do."""

import pytest
from project import Warehouse

AGE = {"features": {"age": 1}}


def segmentation(**declared) -> dict:
    return {"segmentations": {"mine": AGE | declared}}


def weight(said) -> dict:
    return {"segmentations": {"mine": {"features": {"age": said}}}}


def named(name: str) -> dict:
    return {"segmentations": {name: AGE}}


def column(**declared) -> dict:
    return {"customer_columns": {"customer_id": {"from": "CustomerID"}, "age": {}, "visits": declared}}


def column_named(name: str) -> dict:
    return {"customer_columns": {"customer_id": {"from": "CustomerID"}, "age": {}, name: {}}}


def identified(declared) -> dict:
    return {"customer_columns": {"customer_id": declared, "age": {}}}


def bought(**declared) -> dict:
    return {
        "purchases_file": "purchases.csv",
        "customers_file": "customers.csv",
        "purchase_columns": {"customer": "id", "date": "day", "amount": "paid"} | declared,
    }


def without(name: str) -> dict:
    """Purchases whose `purchase_columns` lack one."""
    given = bought()
    del given["purchase_columns"][name]
    return given


def part(name: str, key: str, value) -> dict:
    """One setting of a var that holds several, the others as the project has them."""
    holding = {
        "cluster_counts": {"min": 2, "max": 10},
        "gates": {"smallest_customers": 10, "smallest_share": 0.0005, "stability": 0.6, "silhouette_tolerance": 0.03},
        "drift_limits": {"stability_index": 0.1, "share_outside": 0.05},
        "campaigns": {
            "level": 0.05,
            "power": 0.8,
            "worthwhile_uplift": 0.05,
            "assumed_retention": 0.5,
            "ratio_alarm": 0.001,
            "margin": 0.4,
            "next_budget": 1000,
            "learning_share": 0.2,
        },
    }
    return {name: holding[name] | {key: value}}


NO_NAMES = "make it names with values"
NO_LIST = "make it a list of names"
NO_FEATURES = "`mine` has no features; give it `features: {<feature>: 1}`"
NO_WEIGHT = "make it a number over 0, or leave the feature out"
NO_COUNT = "make it a whole number from 2 to 100, or leave it out"
NO_NAME = "cannot be a name here; use lower-case letters"
TAKEN = "is taken, by the project or by SQL; use another name"
NO_NUMBER = "make it a number"
NO_WHOLE_NUMBER = "make it a whole number"
NO_SHARE = "use a number of at least 0 and at most 1"
NO_TEXT = "make it a text, or null"
NO_DAY = "make it a day, as in 2026-11-25"
NO_HEADER = "name a header of the source or a list of them, in quotes"
NO_PURCHASE_HEADER = "name a header of the purchases or a list of them, in quotes"

WRONG = [
    # The segmentations
    (["a", "b"], "segmentations", NO_NAMES),
    (None, "segmentations", NO_NAMES),
    ("a", "segmentations", NO_NAMES),
    (3, "segmentations", NO_NAMES),
    ({}, "segmentations", "it is empty; name at least one with its features"),
    ({"mine": None}, "segmentations", NO_FEATURES),
    ({"mine": 3}, "segmentations", NO_FEATURES),
    ({"mine": "age"}, "segmentations", NO_FEATURES),
    ({"mine": ["age"]}, "segmentations", NO_FEATURES),
    ({"mine": {}}, "segmentations", NO_FEATURES),
    ({"mine": {"age": 1}}, "segmentations", NO_FEATURES),
    ({"mine": {"feature": {"age": 1}}}, "segmentations", NO_FEATURES),
    (segmentation(features=["age"]), "segmentations", NO_FEATURES),
    (segmentation(features="age"), "segmentations", NO_FEATURES),
    (segmentation(features=None), "segmentations", NO_FEATURES),
    (segmentation(features={}), "segmentations", NO_FEATURES),
    (segmentation(features={"agee": 1}), "segmentations", "there is no `agee`; did you mean `age`?"),
    (segmentation(features={"zzz": 1}), "segmentations", "there is no `zzz`; it can be"),
    (segmentation(features={"x'y": 1}), "segmentations", "there is no `x'y`"),
    (segmentation(n_cluster=3), "segmentations", "there is no `n_cluster`; did you mean `n_clusters`?"),
    (segmentation(methd="rules"), "segmentations", "there is no `methd`; did you mean `method`"),
    (segmentation(n_clusters=1), "segmentations", NO_COUNT),
    (segmentation(n_clusters=0), "segmentations", NO_COUNT),
    (segmentation(n_clusters=-3), "segmentations", NO_COUNT),
    (segmentation(n_clusters=2.5), "segmentations", NO_COUNT),
    (segmentation(n_clusters="4"), "segmentations", NO_COUNT),
    (segmentation(n_clusters=True), "segmentations", NO_COUNT),
    (segmentation(n_clusters=[4]), "segmentations", NO_COUNT),
    (segmentation(n_clusters=None), "segmentations", NO_COUNT),
    (segmentation(n_clusters=1000000), "segmentations", NO_COUNT),
    (weight(0), "segmentations", NO_WEIGHT),
    (weight(-1), "segmentations", NO_WEIGHT),
    (weight(None), "segmentations", NO_WEIGHT),
    (weight("1"), "segmentations", NO_WEIGHT),
    (weight([1]), "segmentations", NO_WEIGHT),
    (weight(True), "segmentations", NO_WEIGHT),
    (weight(1e9), "segmentations", NO_WEIGHT),
    (weight(float("nan")), "segmentations", NO_WEIGHT),
    (weight(float("inf")), "segmentations", NO_WEIGHT),
    (weight({"weight": 0}), "segmentations", NO_WEIGHT),
    (weight({"weight": "x"}), "segmentations", NO_WEIGHT),
    (weight({"wieght": 1}), "segmentations", "there is no `wieght`; did you mean `weight`?"),
    (weight({"transform": "lg"}), "segmentations", "there is no `lg`; did you mean `log`?"),
    (weight({"transform": 3}), "segmentations", "there is no `3`; it can be auto, none, log"),
    (weight({"transform": ["log"]}), "segmentations", "it can be auto, none, log"),
    (named("Big Spenders"), "segmentations", NO_NAME),
    (named("1st"), "segmentations", NO_NAME),
    (named(""), "segmentations", NO_NAME),
    (named("a__b"), "segmentations", NO_NAME),
    (named("größe"), "segmentations", NO_NAME),
    (named("x" * 60), "segmentations", NO_NAME),
    (named("x'; drop table y; --"), "segmentations", NO_NAME),
    (named("{{ 7 * 7 }}"), "segmentations", NO_NAME),
    (named("order"), "segmentations", TAKEN),
    (named("segments"), "segmentations", TAKEN),
    (named("age"), "segmentations", TAKEN),
    ({"mine": AGE, "mine_former": AGE}, "segmentations", "is the name the project gives to a step of `mine`"),
    ({"mine": AGE, "mine_runner_up": AGE}, "segmentations", "is the name the project gives to a step of `mine`"),
    # The columns of the customers
    (["a"], "customer_columns", NO_NAMES),
    (None, "customer_columns", NO_NAMES),
    ("age", "customer_columns", NO_NAMES),
    (7, "customer_columns", NO_NAMES),
    ({"age": {}}, "customer_columns", "`customer_id` is missing; add `customer_id: {from: [<your id column>]}`"),
    ({"customer_id": {}}, "customer_columns", "there is only the id; add a column to cluster on"),
    ({"customer_id": {}, "age": "Age"}, "customer_columns", "`age` is `Age`; say what it is"),
    ({"customer_id": {}, "age": ["Age"]}, "customer_columns", "`age` is `['Age']`; say what it is"),
    (identified("id"), "customer_columns", "`customer_id` is `id`; say what it is"),
    (identified({"from": 3}), "customer_columns", NO_HEADER),
    (identified({"from": [None]}), "customer_columns", NO_HEADER),
    (identified({"type": "number"}), "customer_columns", "there is no `type`; it can be from, row_number"),
    (identified({"row_number": "yes"}), "customer_columns", "make it true or false"),
    (identified({"from": "a", "row_number": True}), "customer_columns", "has both `from` and `row_number`"),
    (column_named("Big Spender"), "customer_columns", NO_NAME),
    (column_named("2nd"), "customer_columns", NO_NAME),
    (column_named("a-b"), "customer_columns", NO_NAME),
    (column_named('a"b'), "customer_columns", NO_NAME),
    (column_named("select"), "customer_columns", TAKEN),
    (column_named("segment_id"), "customer_columns", TAKEN),
    (column_named("age_z"), "customer_columns", "is the name the project gives to a figure of `age`"),
    (column_named("mine_segment_id") | named("mine"), "customer_columns", "makes for the segmentation `mine`"),
    (
        column_named("mine_age_score") | {"segmentations": {"mine": {"features": {"age": 1}, "method": "rules"}}},
        "customer_columns",
        "makes for the segmentation `mine`",
    ),
    (column_named("mine_distance") | named("mine"), "customer_columns", "makes for the segmentation `mine`"),
    (column_named("age_is_imputed"), "customer_columns", "is the name the project gives to a figure of `age`"),
    (column(type="numbr"), "customer_columns", "there is no `numbr`; did you mean `number`?"),
    (column(type=["number"]), "customer_columns", "did you mean `number`?"),
    (column(type=None), "customer_columns", "it can be number, category, boolean, date"),
    (column(type=3), "customer_columns", "it can be number, category, boolean, date"),
    (column(fro="x"), "customer_columns", "there is no `fro`; did you mean `from`?"),
    (column(**{"from": {"a": 1}}), "customer_columns", NO_HEADER),
    (column(**{"from": 3}), "customer_columns", NO_HEADER),
    (column(**{"from": [3]}), "customer_columns", NO_HEADER),
    (column(**{"from": [" "]}), "customer_columns", NO_HEADER),
    (column(**{"from": [["a"]]}), "customer_columns", NO_HEADER),
    (column(min="low"), "customer_columns", NO_NUMBER),
    (column(max=[1]), "customer_columns", NO_NUMBER),
    (column(min=True), "customer_columns", NO_NUMBER),
    (column(min=float("nan")), "customer_columns", NO_NUMBER),
    (column(min=5, max=1), "customer_columns", "has min 5 over max 1; swap them"),
    (column(min="a", max="b"), "customer_columns", NO_NUMBER),
    (column(type="date", min="2026-02-30"), "customer_columns", NO_DAY),
    (column(type="date", min="2026-03-01", max="2026-01-01"), "customer_columns", "swap them"),
    (column(type="date", fill="soon"), "customer_columns", NO_DAY),
    (column(type="date", decimal="comma"), "customer_columns", "`decimal` is for numbers"),
    (column(type="category", min=1), "customer_columns", "has no `min`; take it out"),
    (column(type="category", fill=3), "customer_columns", "make it a text"),
    (column(type="boolean", fill=2), "customer_columns", NO_SHARE),
    (column(fill="none"), "customer_columns", NO_NUMBER),
    (column(fill=-1, min=0), "customer_columns", "lies outside its own range; change one of them"),
    (column(decimal="semicolon"), "customer_columns", "make it comma or point"),
    (column(decimal=[","]), "customer_columns", "make it comma or point"),
    (column(day_first=True), "customer_columns", "`day_first` for dates; take it out"),
    (column(type="date", day_first="yes"), "customer_columns", "make it true or false"),
    (column(label=3), "customer_columns", NO_TEXT),
    (column(unit=["k$"]), "customer_columns", NO_TEXT),
    # What speaks of features and segmentations
    (3, "value_features", NO_NAMES),
    (["age"], "value_features", NO_NAMES),
    ({"age": "much"}, "value_features", NO_NUMBER),
    ({"age": None}, "value_features", NO_NUMBER),
    ({"age": float("inf")}, "value_features", NO_NUMBER),
    ({"spending_scor": 1}, "value_features", "did you mean `spending_score`?"),
    ("age", "fixed_features", NO_LIST),
    (3, "fixed_features", NO_LIST),
    ({"age": 1}, "fixed_features", NO_LIST),
    ([["age"]], "fixed_features", NO_LIST),
    (["agee"], "fixed_features", "did you mean `age`?"),
    ([], "pinned_versions", NO_NAMES),
    ({"income_spending": "1"}, "pinned_versions", NO_WHOLE_NUMBER),
    ({"income_spending": 0}, "pinned_versions", "use a whole number of at least 1"),
    ({"income_spendin": 1}, "pinned_versions", "did you mean `income_spending`?"),
    ("age", "fairness_attributes", NO_LIST),
    (["agee"], "fairness_attributes", "is neither a category of the var customer_columns nor a number with bands"),
    (3, "fairness_accepted", NO_LIST),
    ("age", "fairness_accepted", NO_LIST),
    (["agee"], "fairness_accepted", "did you mean `age`?"),
    # How numbers are written
    ("de", "number_format", NO_NAMES),
    ({}, "number_format", "`decimal` is missing; it holds decimal, grouping, groups"),
    ({"decimal": ",", "gruoping": "."}, "number_format", "there is no `gruoping`; did you mean `grouping`?"),
    ({"decimal": ";"}, "number_format", "make it a point, '.', or a comma, ','"),
    ({"decimal": 5}, "number_format", "make it a character"),
    ({"decimal": ",", "grouping": ","}, "number_format", "are both `,`, so that 1,234 would say two things"),
    ({"decimal": ",", "grouping": "5"}, "number_format", "make it '.', ',', ' ', an apostrophe, or null for none"),
    ({"decimal": ".", "grouping": "--"}, "number_format", "make it a character, or null"),
    ({"decimal": ".", "grouping": ",", "groups": "lakh"}, "number_format", "did you mean `lakhs`?"),
    ("€", "currency", NO_NAMES),
    ({"sign": "€"}, "currency", "`place` is missing; it holds sign, place"),
    ({"sign": "€", "place": "behind"}, "currency", "there is no `behind`; it can be before, after"),
    ({"sign": "", "place": "after"}, "currency", "make it a text"),
    ({"sign": "5", "place": "after"}, "currency", "make it a sign or a code of up to four letters"),
    ({"sign": "Dollars", "place": "after"}, "currency", "make it a sign or a code of up to four letters"),
    # Single settings
    ("x", "random_seed", NO_WHOLE_NUMBER),
    (-1, "random_seed", "use a whole number of at least 0"),
    (1.5, "random_seed", NO_WHOLE_NUMBER),
    (2**40, "random_seed", "at most 4294967295"),
    (0, "training_sample_rows", "use a whole number of at least 100"),
    (None, "training_sample_rows", NO_WHOLE_NUMBER),
    ("all", "evaluation_rows", NO_WHOLE_NUMBER),
    (2, "reproducible_stability", NO_SHARE),
    ("high", "reproducible_stability", NO_NUMBER),
    (-0.1, "reproducible_segment", NO_SHARE),
    (True, "boundary_membership", NO_NUMBER),
    (float("nan"), "fairness_limit", NO_NUMBER),
    ("yes", "freeze_training", "make it true or false"),
    (1, "freeze_training", "make it true or false"),
    (0, "average_band_z", "use a number of over 0"),
    ("2026-02-30", "as_of", NO_DAY),
    ("yesterday", "as_of", NO_DAY),
    ("x' or 1 = 1", "as_of", NO_DAY),
    (20261125, "as_of", NO_DAY),
    (["2026-11-25"], "as_of", NO_DAY),
    (3, "contact_column", NO_TEXT),
    ("consent", "contact_column", "is not a category among the var customer_columns; add it there"),
    (["a.csv"], "customers_file", NO_TEXT),
    ("", "customers_file", NO_TEXT),
    (3, "customers_table", NO_TEXT),
    (["a"], "campaigns_table", NO_TEXT),
    (0, "smallest_audience", "use a whole number of at least 1"),
    ("few", "smallest_audience", NO_WHOLE_NUMBER),
    (0, "active_days", "use a whole number of at least 1"),
    # Settings that hold several
    (0.5, "gates", NO_NAMES),
    (None, "gates", NO_NAMES),
    ({}, "gates", "`smallest_customers` is missing; it holds"),
    (part("gates", "smalest_share", 0.1), "gates", "did you mean `smallest_share`?"),
    (part("gates", "stability", "high"), "gates", NO_NUMBER),
    (part("gates", "stability", 2), "gates", "at least -1 and at most 1"),
    (3, "drift_limits", NO_NAMES),
    (part("drift_limits", "share_outside", -1), "drift_limits", "use a number of at least 0"),
    (part("drift_limits", "stability_index", 0), "drift_limits", "use a number of over 0"),
    (3, "cluster_counts", NO_NAMES),
    ({"min": 2}, "cluster_counts", "`max` is missing; it holds min, max"),
    (part("cluster_counts", "min", 1), "cluster_counts", "use a whole number of at least 2"),
    (part("cluster_counts", "max", 1000000), "cluster_counts", "use a whole number of at least 2 and at most 100"),
    (part("cluster_counts", "max", None), "cluster_counts", NO_WHOLE_NUMBER),
    (part("cluster_counts", "min", 12), "cluster_counts", "leave nothing to choose from; use 2 <= min <= max"),
    (3, "campaigns", NO_NAMES),
    (part("campaigns", "level", 0), "campaigns", "use a number of at most 0.5 and over 0"),
    (part("campaigns", "power", 1), "campaigns", "at most 0.999"),
    (part("campaigns", "next_budget", -5), "campaigns", "use a number of at least 0"),
    (part("campaigns", "margin", "40%"), "campaigns", NO_NUMBER),
    # Purchases
    ("a", "purchase_columns", NO_NAMES),
    ({"customer": "id"}, "purchase_columns", "there are no purchases; set purchases_file or purchases_table"),
    (without("customer"), "purchase_columns", "`customer` is missing; add `customer: <your header>`"),
    (without("date"), "purchase_columns", "`date` is missing; add `date: <your header>`"),
    (without("amount"), "purchase_columns", "nothing says what a purchase was worth; add `amount: <your header>`"),
    (bought(amont="x"), "purchase_columns", "there is no `amont`; did you mean `amount`?"),
    (bought(amount=3), "purchase_columns", NO_PURCHASE_HEADER),
    (bought(amount=[]), "purchase_columns", "nothing says what a purchase was worth"),
    (bought(amount={"from": [1]}), "purchase_columns", NO_PURCHASE_HEADER),
    (bought(amount={"fromm": "x"}), "purchase_columns", "there is no `fromm`; did you mean `from`?"),
    (bought(amount={"decimal": "dot"}), "purchase_columns", "make it comma or point"),
    (bought(date={"min": "x"}), "purchase_columns", NO_DAY),
    (bought(date={"min": "2026-03-01", "max": "2026-01-01"}), "purchase_columns", "swap them"),
    (bought(date={"day_first": "yes"}), "purchase_columns", "make it true or false"),
    (bought(currency={"keep": 3}), "purchase_columns", "make it a text"),
    (bought() | {"purchases_table": "a.b"}, "purchases_table", "both are set"),
    (bought() | {"repeated_purchases": "drop"}, "repeated_purchases", "make it keep or reject, or null"),
    (bought() | {"customers_table": "a.b"}, "customers_file", "both are set"),
    (bought() | identified({"row_number": True}), "customer_columns", "which no purchase can name"),
    ("yes", "purchases_make_customers", "make it true or false"),
    # Names of vars
    ({"custmers_file": "a.csv"}, "vars", "there is no `custmers_file`; did you mean `customers_file`?"),
]
VARS = {"segmentations", "customer_columns", "purchases_file"}


def as_vars(said, name: str) -> dict:
    """The vars of a case: one var's value, or whole vars."""
    is_whole = isinstance(said, dict) and (VARS & said.keys() or name in said or name == "vars")
    return said if is_whole else {name: said}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory) -> list[tuple[bool, str]]:
    given = [{}, *(as_vars(said, name) for said, name, _ in WRONG)]
    return Warehouse(tmp_path_factory.mktemp("vars")).operations([("check_vars", {}, each) for each in given])


def test_the_vars_of_the_project_pass(refusals):
    assert refusals[0][0], refusals[0][1]


@pytest.mark.parametrize("number", range(len(WRONG)), ids=[f"{name}-{said}"[:60] for said, name, _ in WRONG])
def test_a_wrong_var_is_refused_in_a_sentence(refusals, number):
    _, name, sentence = WRONG[number]
    is_accepted, said = refusals[1 + number]
    assert not is_accepted
    assert name in said
    assert sentence in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("project_vars", "sentence"),
    [
        ({"segmentations": ["a"]}, NO_NAMES),
        ({"segmentations": None}, NO_NAMES),
        ({"customer_columns": None}, NO_NAMES),
        ({"cluster_counts": {"min": 2}}, "`max` is missing"),
        ({"fixed_features": 3}, NO_LIST),
        ({"reproducible_stability": "high"}, NO_NUMBER),
    ],
    ids=str,
)
def test_a_var_of_the_wrong_kind_is_refused_while_the_project_is_read(new_warehouse, project_vars, sentence):
    result = new_warehouse.dbt("parse", "--no-partial-parse", project_vars=project_vars, check=False)
    assert result.returncode != 0
    assert f"var {next(iter(project_vars))}: " in result.stdout
    assert sentence in " ".join(result.stdout.split())
    assert "Traceback" not in result.stdout + result.stderr
