"""From purchases to features: every row accounted for, every sum right, whatever the file looks like."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from compiled import CompiledModels
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from project import PROJECT, SEGMENTS_ALONE, further

CDNOW = PROJECT / "tests" / "data" / "cdnow"
PLAIN = {"customer": "customer", "date": "date", "amount": "amount"}
FULL = PLAIN | {"order_id": "order", "category": "category", "returned": "returned", "currency": "currency"}
CHAIN = [
    "staging.purchase_csv_rows",
    "staging.purchase_readings",
    "staging.purchase_rows",
    "staging.stg_purchases",
    "features.as_of_day",
    "features.purchase_totals",
    "features.spending_score_steps",
    "features.purchase_features",
]


class Purchases:
    """The models of purchases, compiled for the headers of one file, to be run on whatever it holds by then."""

    def __init__(self, folder, header: str, columns: dict, encoded: bytes = b"", **project_vars):
        self.path = folder / "purchases.csv"
        # With a short row by default, so that the file is read in the way that takes whatever it holds by then.
        self.path.write_bytes(header.encode() + b"\n" + (encoded or b"x\n"))
        self.header = header
        self.models = CompiledModels(
            folder,
            *(name.split(".")[1] for name in CHAIN),
            command="run",
            purchases_file=str(self.path),
            purchase_columns=columns,
            segmentations={"shopping": {"features": {"recency_days": 1, "revenue": 1}}},
            **project_vars,
        )
        self.models.connection.execute("create schema warehouse.staging")
        self.models.connection.execute("""
            create table warehouse.clustering.champion_history (
                segmentation varchar, model_version integer, build_number integer
            );
            create table warehouse.clustering.trained_cuts (
                segmentation varchar, model_version integer, feature varchar, score integer, up_to double
            )
        """)

    def read(self, lines: list[str]) -> pd.DataFrame:
        """Run every model on these lines and return the purchases as they were judged."""
        self.path.write_text("\n".join([self.header, *lines, ""]))
        return self.judged()

    def judged(self) -> pd.DataFrame:
        """Run every model on the file as it is."""
        for name in CHAIN:
            sql = self.models.sql[name.split(".")[1]]
            self.models.connection.execute(f"create or replace table warehouse.{name} as {sql}")
        return self.table("staging.stg_purchases order by source_row_number")

    def table(self, name: str) -> pd.DataFrame:
        """Return the rows of a table."""
        return self.models.connection.sql(f"select * from warehouse.{name}").df()

    def features(self) -> pd.DataFrame:
        """Return the features by customer."""
        return self.table("features.purchase_features").set_index("customer_id").sort_index()


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Purchases:
    """Purchases of customer, day and amount only."""
    return Purchases(tmp_path_factory.mktemp("plain"), "customer;date;amount", PLAIN)


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Purchases:
    """Purchases with every column, of which some lines belong to one order."""
    header = "order,customer,date,amount,category,returned,currency"
    return Purchases(tmp_path_factory.mktemp("full"), header, FULL)


@pytest.fixture(scope="module")
def in_september(tmp_path_factory) -> Purchases:
    """The purchases of CDNOW as they were known after 39 weeks."""
    folder = tmp_path_factory.mktemp("cdnow")
    columns = {"customer": "customer", "date": "date", "amount": "dollars"}
    shop = Purchases(
        folder, "customer,date,cds,dollars", columns, as_of="1997-09-30", repeated_purchases="keep", active_days=30
    )
    shop.read((CDNOW / "purchases.csv").read_text().splitlines()[1:])
    return shop


def cdnow() -> pd.DataFrame:
    purchases = pd.read_csv(CDNOW / "purchases.csv", dtype=str)
    purchases["date"] = pd.to_datetime(purchases["date"], format="%Y%m%d")
    return purchases.assign(dollars=purchases["dollars"].astype(float))


def test_every_customer_of_cdnow_equals_the_summary_that_lifetimes_ships(in_september):
    summary = pd.read_csv(CDNOW / "summary.csv")
    summary.index = summary["ID"].map("{:04d}".format)
    features = in_september.features()
    assert features.index.tolist() == summary.index.tolist()
    assert (features["purchases"] - 1).tolist() == summary["x"].tolist()
    # The package counts in weeks and rounds to two places.
    np.testing.assert_allclose((features["tenure_days"] - features["recency_days"]) / 7, summary["t_x"], atol=0.0051)
    np.testing.assert_allclose(features["tenure_days"] / 7, summary["T"], atol=0.0051)
    first = cdnow().merge(cdnow().groupby("customer")["date"].min(), on=["customer", "date"])
    first_day = first.groupby("customer")["dollars"].sum()
    repeated = (features["revenue"] - first_day) / (features["purchases"] - 1).where(features["purchases"] > 1)
    np.testing.assert_allclose(repeated.fillna(0), summary["zbar"], atol=0.0051)


def test_cdnow_adds_up_to_the_cent_and_later_purchases_were_not_known(in_september):
    purchases = cdnow()
    known = purchases[purchases["date"] <= "1997-09-30"]
    features = in_september.features()
    assert round(features["revenue"].sum(), 2) == round(known["dollars"].sum(), 2)
    assert features["purchases"].sum() == len(known.drop_duplicates(["customer", "date"]))
    rejected = in_september.table("staging.stg_purchases")["rejection_reason"].value_counts()
    assert rejected.to_dict() == {"after as_of": len(purchases) - len(known)}
    active = known.groupby("customer")["date"].max() >= pd.Timestamp("1997-08-31")
    assert features["is_active"].tolist() == active.astype(float).tolist()


def assert_percentiles(features: pd.DataFrame) -> None:
    """Fail where a spending score is not the percent of customers up to the first one with the same revenue."""
    shares = features["revenue"].rank(method="min") / len(features)
    expected = np.ceil((shares * 100).round(9))
    assert features["spending_score"].between(1, 100).all()
    assert (features["spending_score"] - expected).abs().max() == 0


def test_the_spending_score_is_the_percentile_of_revenue(in_september):
    assert_percentiles(in_september.features())


def test_revenues_of_any_size_and_equal_ones_are_ranked_among_all(plain):
    chance = np.random.default_rng(5)
    sizes = 10.0 ** np.arange(-4, 10)
    drawn = chance.lognormal(3, 3, 400)
    amounts = [*drawn, *-drawn[:100], *sizes, *-sizes, *[9.99] * 150, *[0] * 7]
    plain.read([f"{place:04d};2024-01-01;{amount:.4f}" for place, amount in enumerate(amounts)])
    features = plain.features()
    assert len(features) == len(amounts)
    assert_percentiles(features)


CUSTOMERS = st.sampled_from(["0001", "1", "Anna", "b c", " Zoe "])
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2024, 6, 28))
CENTS = st.integers(-200_000_000, 200_000_000)
FORMATS = {
    "plain": lambda amount: f"{amount:.2f}",
    "thousands": lambda amount: f"{amount:,.2f}",
    "sign": lambda amount: f"${amount:,.2f}".replace("$-", "-$"),
    "brackets": lambda amount: f"({-amount:,.2f})" if amount < 0 else f"{amount:.2f}",
}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CUSTOMERS, DAYS, CENTS, st.sampled_from(sorted(FORMATS))), min_size=1, max_size=30),
    day_format=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%Y-%m-%d 23:59:59"]),
    comma=st.booleans(),
)
def test_features_equal_what_the_written_purchases_add_up_to(plain, rows, day_format, comma):
    lines, truth = [], {}
    for customer, day, cents, style in rows:
        amount = Decimal(cents) / 100
        text = FORMATS[style](amount)
        text = text.translate(str.maketrans(",.", ".,")) if comma else text
        lines.append(f"{customer};{day:{day_format}};{text}")
        truth.setdefault(customer.strip(), []).append((day, amount))
    judged = plain.read(lines)
    assert judged["rejection_reason"].isna().all()
    last_day = max(day for _, day, _, _ in rows)
    features = plain.features()
    assert sorted(features.index) == sorted(truth)
    for customer, bought in truth.items():
        found = features.loc[customer]
        days = sorted({day for day, amount in bought if amount >= 0})
        sales = sum(amount for _, amount in bought if amount >= 0)
        returned = -sum(amount for _, amount in bought if amount < 0)
        assert round(found["revenue"], 2) == float(sales - returned)
        assert found["purchases"] == len(days)
        expected = {
            "recency_days": (last_day - days[-1]).days if days else np.nan,
            "tenure_days": (last_day - days[0]).days if days else np.nan,
            "average_basket": float(sales) / len(days) if days else np.nan,
            "days_between_purchases": (days[-1] - days[0]).days / (len(days) - 1) if len(days) > 1 else np.nan,
            "return_share": float(returned / sales) if sales else np.nan,
        }
        np.testing.assert_allclose(
            found[list(expected)].to_numpy(float), list(expected.values()), rtol=1e-8, err_msg=customer
        )


LINES = st.tuples(
    st.sampled_from(["A1", "A2", "A3", ""]),
    st.sampled_from(["ann", "bob"]),
    st.dates(dt.date(2024, 1, 1), dt.date(2024, 1, 9)),
    st.integers(0, 9),
    st.sampled_from(["tea", "rice", ""]),
    st.sampled_from(["no", "yes", ""]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(LINES, min_size=1, max_size=12))
def test_lines_of_one_order_are_one_purchase_and_equal_rows_count_once(full, rows):
    judged = full.read([f"{o},{c},{d},{a}.50,{g},{r},EUR" for o, c, d, a, g, r in rows])
    seen, expected = set(), []
    for row in rows:
        expected.append("repeated row" if row in seen else None)
        seen.add(row)
    assert [None if pd.isna(reason) else reason for reason in judged["rejection_reason"]] == expected
    for customer in {row[1] for row in seen}:
        own = [row for row in seen if row[1] == customer]
        orders = {order or day for order, _, day, _, _, returned in own if returned != "yes"}
        sales = [(amount + 0.5, category) for _, _, _, amount, category, returned in own if returned != "yes"]
        returns = [amount + 0.5 for _, _, _, amount, _, returned in own if returned == "yes"]
        found = full.features().loc[customer]
        assert found["purchases"] == len(orders)
        assert found["revenue"] == sum(amount for amount, _ in sales) - sum(returns)
        by_category = pd.Series(dict.fromkeys((category for _, category in sales if category), 0.0), dtype=float)
        for amount, category in sales:
            if category:
                by_category[category] += amount
        if by_category.empty:
            assert np.isnan(found["favorite_category_share"])
        else:
            assert found["favorite_category_share"] == pytest.approx(by_category.max() / by_category.sum(), rel=1e-9)


def test_every_row_that_is_no_purchase_says_why(full):
    usual = [f"U{i},ann,2024-03-{1 + i % 28:02d},10,tea,no,EUR" for i in range(300)]
    judged = full.read(
        [
            *usual,
            "X1,,2024-03-01,10,tea,no,EUR",
            "X2,n/a,2024-03-01,10,tea,no,EUR",
            "X3,ann,2024-02-30,10,tea,no,EUR",
            "X4,ann,yesterday,10,tea,no,EUR",
            "X5,ann,2062-03-01,10,tea,no,EUR",
            "X6,ann,1900-01-01,10,tea,no,EUR",
            "X7,ann,2024-03-01,ten,tea,no,EUR",
            "X8,ann,2024-03-01,,tea,no,EUR",
            "X9,ann,2024-03-01,inf,tea,no,EUR",
            "X10,ann,2024-03-01,10,tea,perhaps,EUR",
            "X11,ann,2024-03-01,10,tea,no,USD",
            "X12,ann,2024-03-01,10,tea,no,",
            "X13,ann,2024-03-01,10,tea,no,eur",
            "U0,ann,2024-03-01,10,tea,no,EUR",
            "U0,ann,2024-03-01,10.0,tea,no,EUR",
            "X14,ann,2024-03-01,10,tea,no,EUR,what is this",
        ]
    )
    reasons = [None if pd.isna(reason) else reason for reason in judged["rejection_reason"][len(usual) :]]
    assert reasons == [
        *["missing customer"] * 2,
        *["unreadable date"] * 2,
        *["date out of range"] * 2,
        *["unreadable amount"] * 3,
        "unreadable return flag",
        *["other currency"] * 2,
        None,
        "repeated row",
        None,
        "more cells than headers",
    ]
    assert judged["rejection_reason"][: len(usual)].isna().all()
    assert full.table("features.as_of_day")["as_of"][0] == pd.Timestamp("2024-03-28")
    assert judged["source_values"].notna().sum() == len([reason for reason in reasons if reason])


def test_a_long_pause_of_a_seasonal_shop_is_no_mistyped_date(plain):
    days = [f"{year}-12-{day:02d}" for year in range(2015, 2025) for day in range(1, 25)] + ["2025-12-01"]
    judged = plain.read([f"ann;{day};10" for day in days])
    assert judged["rejection_reason"].isna().all()
    assert plain.table("features.as_of_day")["as_of"][0] == pd.Timestamp("2025-12-01")


def test_few_amounts_in_another_currency_are_told_apart_by_their_sign(plain):
    judged = plain.read(["ann;2024-01-01;€ 10", "ann;2024-01-02;12 €", "ann;2024-01-03;$ 10", "ann;2024-01-04;10"])
    assert judged["rejection_reason"].fillna("").tolist() == ["", "", "other currency", ""]


def test_equal_rows_without_an_order_count_as_purchases_and_are_counted(plain):
    judged = plain.read(["ann;2024-01-01;10"] * 3)
    assert judged["is_repeat"].tolist() == [False, True, True]
    assert plain.features().loc["ann", "revenue"] == 30


def test_scores_follow_the_cut_points_of_the_model_in_use(plain):
    connection = plain.models.connection
    connection.execute(
        "insert into warehouse.clustering.champion_history values ('shopping', 1, 1), ('shopping', 2, 2)"
    )
    connection.execute("""
        insert into warehouse.clustering.trained_cuts values
            ('shopping', 1, 'spending_score', 50, 1), ('shopping', 1, 'spending_score', 100, 2),
            ('shopping', 2, 'spending_score', 50, 10), ('shopping', 2, 'spending_score', 100, 20),
            ('shopping', 3, 'spending_score', 50, 3), ('shopping', 3, 'spending_score', 100, 4)
    """)
    try:
        plain.read([f"{customer};2024-01-01;{customer}" for customer in (1, 10, 11, 20, 900)])
        scores = plain.features()["spending_score"]
    finally:
        connection.execute("delete from warehouse.clustering.champion_history")
        connection.execute("delete from warehouse.clustering.trained_cuts")
    assert scores.to_dict() == {"1": 50, "10": 50, "11": 100, "20": 100, "900": 100}


@pytest.mark.long
def test_quantities_and_prices_from_a_program_for_windows_become_amounts(tmp_path):
    columns = {
        "customer": "who",
        "date": "when",
        "quantity": "n",
        "unit_price": {"from": ["price"], "decimal": "comma"},
    }
    lines = ["Jörg;31.12.2024;3;€ 1,250", "Jörg;31.12.2024;3;€ 1,250", "Jörg;30.12.2024;-1;€ 1,25"]
    shop = Purchases(
        tmp_path, "who;when;n;price", columns, "\n".join(lines).encode("cp1252"), repeated_purchases="reject"
    )
    judged = shop.judged()
    assert judged["customer_id"].tolist() == ["Jörg"] * 3
    assert judged["amount"].tolist() == [3.75, 3.75, -1.25]
    assert judged["rejection_reason"].fillna("").tolist() == ["", "repeated row", ""]
    assert shop.features().loc["Jörg", "revenue"] == 2.5


def drawn_purchases(customers: range, spend: float = 1) -> pd.DataFrame:
    rng = np.random.default_rng([customers.start, len(customers)])
    ids = rng.choice(list(customers), 8 * len(customers))
    days = pd.Timestamp("2025-12-31") - pd.to_timedelta(rng.integers(0, 360, len(ids)), unit="D")
    return pd.DataFrame({"buyer": ids, "bought_on": days, "paid": (spend * rng.gamma(2, 20, len(ids))).round(2)})


def write_parquet(purchases: pd.DataFrame, path: Path) -> None:
    with duckdb.connect() as connection:
        connection.register("purchases", purchases)
        connection.execute(f"copy purchases to '{path}'")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop of 60 members, 20 of whom never bought; 160 others did. Built again when 200 richer buyers join."""
    from project import Warehouse

    folder = tmp_path_factory.mktemp("shop")
    pd.DataFrame({"member": range(1, 61), "age": [20 + n % 50 for n in range(60)]}).to_csv(
        folder / "members.csv", index=False
    )
    buyers = drawn_purchases(range(21, 221))
    write_parquet(buyers, folder / "purchases.parquet")
    project_vars = {
        "customers_file": str(folder / "members.csv"),
        "customer_columns": {"customer_id": {"from": "member"}, "age": {}},
        "purchases_file": str(folder / "purchases.parquet"),
        "purchase_columns": {"customer": "buyer", "date": "bought_on", "amount": "paid"},
        "purchases_make_customers": True,
        "segmentations": {
            "shopping": {"features": {"spending_score": 1, "recency_days": {"weight": 1, "transform": "none"}}}
        },
        "value_features": {"revenue": 1},
        "fixed_features": ["age"],
    }
    built = Warehouse(folder)
    built.dbt(*SEGMENTS_ALONE, project_vars=project_vars)
    built.first = built.query("""
        select observed.*, customers.imputed_features
        from marts.customers as customers
        inner join features.observed_features as observed on customers.customer_id = observed.customer_id
    """)
    write_parquet(pd.concat([buyers, drawn_purchases(range(221, 421), spend=20)]), folder / "purchases.parquet")
    built.dbt(*SEGMENTS_ALONE, project_vars=project_vars)
    return built


def test_who_buys_becomes_a_customer_and_who_does_not_stays_one(shop):
    first = shop.first.set_index("customer_id")
    assert sorted(first.index.astype(int)) == list(range(1, 221))
    never = first.loc[[str(n) for n in range(1, 21)]]
    assert never[["purchases", "revenue", "is_active", "spending_score"]].drop_duplicates().to_numpy().tolist() == [
        [0, 0, 0, 1]
    ]
    assert never["recency_days"].isna().all()
    assert never["imputed_features"].str.contains("recency_days").all()
    assert first.loc[[str(n) for n in range(61, 221)], "age"].isna().all()
    bought = drawn_purchases(range(21, 221)).groupby("buyer")["paid"].sum()
    assert round(first["revenue"].sum(), 2) == round(bought.sum(), 2)


def test_nobody_scores_otherwise_because_others_joined(shop):
    now = shop.query("select * from marts.customers order by customer_id").set_index("customer_id")
    first = shop.first.set_index("customer_id")
    assert len(now) == 420
    assert now.loc[first.index, "spending_score"].tolist() == first["spending_score"].tolist()
    assert (now.loc[~now.index.isin(first.index), "spending_score"] >= 90).mean() > 0.9
    cuts = shop.query("select distinct score, up_to from clustering.trained_cuts")
    assert len(cuts) == cuts["score"].nunique()


@pytest.mark.long
def test_purchases_of_strangers_are_reported_where_they_make_no_customers(new_warehouse, tmp_path):
    (tmp_path / "members.csv").write_text("member,age\n1,30\n2,40\n")
    (tmp_path / "purchases.csv").write_text("buyer,day,paid\n1,2025-01-02,4\n1,2062-01-02,1\n3,2025-01-03,7\n")
    new_warehouse.dbt(
        "run",
        "--select",
        "+data_quality",
        "+rejected_purchases",
        project_vars={
            "customers_file": str(tmp_path / "members.csv"),
            "customer_columns": {"customer_id": {"from": "member"}, "age": {}},
            "purchases_file": str(tmp_path / "purchases.csv"),
            "purchase_columns": {"customer": "buyer", "date": "day", "amount": "paid"},
            "segmentations": {"shopping": {"features": {"revenue": 1}}},
        },
    )
    rejected = new_warehouse.query("select * from staging.rejected_purchases")
    assert rejected["customer_id"].tolist() == ["3"]
    assert rejected["rejection_reason"].tolist() == ["unknown customer"]
    observed = new_warehouse.query(
        "select customer_id, revenue, recency_days from features.observed_features order by 1"
    )
    assert observed.fillna(-1).to_numpy().tolist() == [["1", 5, 0], ["2", 0, -1]]
    quality = new_warehouse.query("select * from marts.data_quality").set_index(["kind", "item"])
    assert quality.loc[("rejected purchases", "unknown customer"), "row_count"] == 1
    assert "purchases_make_customers" in quality.loc[("rejected purchases", "unknown customer"), "warning"]
    assert quality.loc[("customers", "all"), "row_count"] == 2
    assert "The newest purchase, of 2062-01-02," in quality.loc[("used purchase rows", "all"), "warning"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"purchase_columns": {"customer": "a", "amount": "b"}}, "`date` is missing; add `date: <your header>`"),
        *further(
            (
                {"purchase_columns": {"customer": "a", "date": "b", "quantity": "c"}},
                "nothing says what a purchase was worth",
            ),
            ({"purchase_columns": PLAIN | {"categry": "c"}}, "did you mean `category`?"),
            ({"purchases_file": None}, "there are no purchases; set purchases_file or purchases_table"),
            (
                {"customer_columns": {"customer_id": {}, "visits": {}}},
                "`visits` has no source, since customers come from",
            ),
        ),
    ],
)
def test_vars_that_cannot_work_stop_with_one_sentence(new_warehouse, tmp_path, changed, sentence):
    (tmp_path / "purchases.csv").write_text("customer,date,amount\n1,2025-01-02,5\n")
    project_vars = {
        "purchases_file": str(tmp_path / "purchases.csv"),
        "purchase_columns": PLAIN,
        "segmentations": {"shopping": {"features": {"revenue": 1}}},
    } | changed
    result = new_warehouse.dbt("run", "-s", "purchase_rows", "as_of_day", project_vars=project_vars, check=False)
    assert result.returncode
    assert sentence in result.stdout.replace("\n", " ")
