"""Metrics answer what SQL answers."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
from project import PROJECT


def metrics(warehouse, tmp_path: Path, *arguments: str) -> pd.DataFrame:
    """Run a query of MetricFlow's command line on a built warehouse."""
    answer = tmp_path / "answer.csv"
    command = [str(Path(sys.executable).with_name("mf")), "query", *arguments, "--csv", str(answer)]
    environment = os.environ | {
        "MALL_SEGMENTS_DB": str(warehouse.path),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }
    result = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return pd.read_csv(answer)


def assert_same(answered: pd.DataFrame, expected: pd.DataFrame) -> None:
    keys = expected.select_dtypes("str").columns.tolist()
    pd.testing.assert_frame_equal(
        answered[expected.columns].sort_values(keys, ignore_index=True),
        expected.sort_values(keys, ignore_index=True),
        check_dtype=False,
    )


def test_customers_per_segment_are_those_of_the_mall_data(warehouse, tmp_path):
    answered = metrics(warehouse, tmp_path, "--metrics", "customers", "--group-by", "segment__segment_name")
    assert dict(zip(answered["segment__segment_name"], answered["customers"], strict=True)) == {
        "Average income, average spending": 81,
        "High income, high spending": 39,
        "High income, low spending": 35,
        "Low income, low spending": 23,
        "Low income, high spending": 22,
    }


def test_saved_query_equals_the_marts(warehouse, tmp_path):
    expected = warehouse.query("""
        select
            segment_name as segment__segment_name,
            customers,
            share as share_of_customers,
            mean_age,
            mean_annual_income_k,
            mean_spending_score,
            share_female
        from marts.segments
        where segmentation = 'income_spending'
    """)
    assert_same(metrics(warehouse, tmp_path, "--saved-query", "segments_at_a_glance"), expected)


def test_shares_by_gender_and_second_segmentation_equal_sql(warehouse, tmp_path):
    expected = warehouse.query("""
        select
            demographic_segment_name as demographic_segment__segment_name,
            gender as customer__gender,
            count(*) as customers,
            avg(case when income_spending_nickname = 'VIP' then 1 else 0 end) as vip_share,
            avg(case when imputed_features <> '' then 1 else 0 end) as imputed_share
        from marts.customers
        group by all
    """)
    answered = metrics(
        warehouse,
        tmp_path,
        "--metrics",
        "customers,vip_share,imputed_share",
        "--group-by",
        "demographic_segment__segment_name,customer__gender",
    )
    assert_same(answered, expected)


def test_upgrade_candidates_per_segment_equal_sql(warehouse, tmp_path):
    expected = warehouse.query("""
        select
            customers.income_spending_segment_name as segment__segment_name,
            count(distinct candidates.customer_id) as upgrade_candidates,
            count(distinct candidates.customer_id) / count(distinct customers.customer_id) as upgrade_share
        from marts.customers as customers
        left join marts.upgrade_candidates as candidates
            on customers.customer_id = candidates.customer_id and candidates.segmentation = 'income_spending'
        group by all
        having count(candidates.customer_id) > 0
    """)
    answered = metrics(
        warehouse, tmp_path, "--metrics", "upgrade_candidates,upgrade_share", "--group-by", "segment__segment_name"
    )
    assert len(expected) > 1
    assert_same(answered.dropna(subset="upgrade_candidates"), expected)


def test_time_is_the_day_the_champion_was_trained(warehouse, tmp_path):
    trained_on = warehouse.query(
        "select max(cast(trained_at as date)) as day from clustering.segmentation_models where is_champion"
    )["day"][0]
    answered = metrics(warehouse, tmp_path, "--metrics", "customers", "--group-by", "metric_time__day")
    assert pd.to_datetime(answered["metric_time__day"]).tolist() == [trained_on]
    assert answered["customers"].tolist() == [200]


def test_what_reads_the_marts_is_known_to_dbt(warehouse):
    listed = warehouse.dbt("ls", "--quiet", "--resource-type", "exposure", "--output", "name").stdout
    assert sorted(listed.split()) == ["dashboard", "notebook", "published_file", "saved_model", "streamlit_page"]
