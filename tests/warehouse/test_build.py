"""What a build of the mall data must come out as."""

import pytest


def test_five_segments_have_the_names_and_sizes_of_the_mall_data(warehouse):
    segments = warehouse.query("select * from marts.segments where segmentation = 'income_spending'")
    assert dict(zip(segments["segment_name"], segments["customers"], strict=True)) == {
        "Average income, average spending": 81,
        "High income, high spending": 39,
        "High income, low spending": 35,
        "Low income, low spending": 23,
        "Low income, high spending": 22,
    }


def test_inertia_in_raw_units_is_the_published_figure(warehouse):
    """44448.46 is what the public notebooks on this data report for five clusters."""
    inertia = warehouse.query("""
        select sum((annual_income_k - mean_income) ** 2 + (spending_score - mean_score) ** 2) as inertia
        from (
            select
                annual_income_k,
                spending_score,
                avg(annual_income_k) over (partition by income_spending_segment_id) as mean_income,
                avg(spending_score) over (partition by income_spending_segment_id) as mean_score
            from marts.customers
        )
    """)
    assert inertia["inertia"][0] == pytest.approx(44448.46, abs=0.005)


def test_every_source_row_is_a_customer_or_rejected(warehouse):
    counts = warehouse.query("""
        select
            (select count(*) from raw.mall_customers) as source_rows,
            (select count(*) from marts.customers) as customers,
            (select count(*) from staging.rejected_customers) as rejected
    """).iloc[0]
    assert counts["source_rows"] == counts["customers"] + counts["rejected"] == 200


def test_dbt_run_makes_the_tables_without_tests_and_history(warehouse, new_warehouse):
    new_warehouse.dbt("seed")
    new_warehouse.dbt("run", "--warn-error")
    sizes = "select segmentation, segment_name, customers from marts.segments order by all"
    assert new_warehouse.query(sizes).equals(warehouse.query(sizes))
    assert new_warehouse.query("select * from marts.segment_migrations").empty
