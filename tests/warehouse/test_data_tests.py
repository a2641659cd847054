"""The data tests fail when the table they look at is tampered with, and name what is wrong."""

import shutil

import duckdb
import pytest
from project import Warehouse
from tampering import data_tests, found_after

from mall_segments.problems import ProblemError
from mall_segments.publish import finished_build
from mall_segments.warehouse import open_warehouse

# Data test, what is done to a sound warehouse, and what the test has to say of it.
TAMPERED = [
    ("marketing_actions_can_be_carried_out", change, fault)
    for change, fault in [
        ("update raw.marketing_actions set action_id = null where action_id = 'a'", "lacks its id"),
        ("update raw.marketing_actions set priority = null where action_id = 'a'", "lacks its id"),
        ("update raw.marketing_actions set action = null where action_id = 'a'", "lacks its id"),
        ("update raw.marketing_actions set needs_holdout = null where action_id = 'a'", "lacks its id"),
        ("update raw.marketing_actions set objective = 'sell' where action_id = 'a'", "objective"),
        ("update raw.marketing_actions set objective = null where action_id = 'a'", "objective"),
        ("update raw.marketing_actions set needs_holdout = not needs_holdout where action_id = 'a'", "hold-out"),
        ("update raw.marketing_actions set trade = 'Mall' where action_id = 'a'", "the trade"),
        ("insert into raw.marketing_actions from raw.marketing_actions where action_id = 'a'", "the same id"),
        ("update raw.marketing_actions set action = 'Call them'", "the same words"),
        ("update raw.action_conditions set action_id = 'nobody''s'", "of no action"),
        ("update raw.action_conditions set feature = null", "of no feature"),
        ("update raw.action_conditions set band = 'medium'", "the band of a condition"),
        ("update raw.action_conditions set band = null", "the band of a condition"),
        ("insert into raw.action_conditions from raw.action_conditions", "about the same feature"),
    ]
]
TAMPERED += [
    ("segment_names_can_be_given", change, fault)
    for change, fault in [
        ("delete from raw.segment_names where income_band = 'low' and spending_band = 'high'", "have 0 names"),
        ("insert into raw.segment_names from raw.segment_names", "have 2 names"),
        ("update raw.segment_names set nickname = null", "is missing"),
        ("update raw.segment_names set description = null", "is missing"),
        ("update raw.segment_names set may_grow = null", "is missing"),
        ("update raw.segment_names set segment_name = 'Everybody'", "have the name Everybody"),
        ("update raw.segment_names set nickname = 'All'", "have the nickname All"),
    ]
]
TAMPERED += [
    ("training_sample_stands_for_the_customers", change, fault)
    for change, fault in [
        ("insert into features.training_sample select s.* from features.training_sample s, range(300)", "more rows"),
        ("update features.training_sample set sample_weight = 0.5", "less than one customer"),
        ("update features.training_sample set sample_weight = null", "less than one customer"),
        ("insert into features.training_sample from features.training_sample", "twice"),
    ]
]
TAMPERED += [
    ("segments_hold_every_customer_once", change, "income_spending")
    for change in [
        "delete from clustering.customer_scores where customer_id = '1'",
        "delete from marts.segments where segmentation = 'income_spending'",
        "update marts.segments set customers = customers + 1",
        "update marts.segments set share = share / 2",
    ]
]
TAMPERED += [
    ("campaign_outcomes_can_be_counted", change, fault)
    for change, fault in [
        ("update campaigns.campaign_observations set customer_id = null", "does not say whose"),
        ("update campaigns.campaign_observations set campaign = null", "does not say whose"),
        ("insert into campaigns.campaign_observations from campaigns.campaign_observations", "more than one outcome"),
        ("update campaigns.campaign_observations set retained = 0.6", "neither 0 nor 1"),
        ("update campaigns.campaign_observations set retained = null", "neither 0 nor 1"),
        ("update campaigns.campaign_observations set observed_on = null", "the day on which"),
        ("update campaigns.campaign_observations set unreadable_columns = 'observed_on'", "cannot be read"),
    ]
]
TAMPERED += [
    ("champion_fails_a_gate", "update clustering.segmentation_models set passes_gates = false", "demographic"),
    (
        "every_kind_of_mall_segment_has_at_least_three_actions",
        "delete from raw.action_conditions where feature = 'annual_income_k'",
        "High income, high spending",
    ),
    (
        "every_segment_has_at_least_three_actions",
        "delete from marts.segment_marketing_actions where segmentation = 'demographic'",
        "demographic",
    ),
    (
        "every_value_has_at_least_three_actions_in_any_trade",
        "update raw.marketing_actions set trade = 'mall' where action_id not in "
        "(select action_id from raw.action_conditions)",
        "not known",
    ),
    (
        "feature_values_lie_in_their_valid_ranges",
        "update features.feature_statistics set maximum = 130 where feature = 'age'",
        "age",
    ),
    (
        "segment_rules_agree_with_the_segments",
        "update clustering.customer_scores set income_spending_segment_id = 1",
        "income_spending",
    ),
    (
        "every_source_row_is_a_customer_or_rejected",
        "delete from clustering.customer_scores where customer_id = '1'",
        "199",
    ),
    ("doubtful_source", "update marts.data_quality set warning = 'Look here.'", "Look here."),
    ("audience_mix", "update marts.segment_fairness set is_past_limit = true where attribute = 'gender'", "gender"),
    (
        "challenger_refused",
        "update clustering.segmentation_models set passes_gates = false, is_champion = false",
        "income_spending",
    ),
    ("retrain", "update marts.segment_drift set needs_retraining = true where feature = 'age'", "age"),
    (
        "campaign_assignments_are_as_written",
        "update campaigns.campaign_assignments set arm = 'treatment'",
        "its checksum is not that of the row",
    ),
    (
        "campaign_assignments_are_as_written",
        "delete from campaigns.campaign_assignments where customer_id = '7'",
        "others were drawn with it that are gone",
    ),
    (
        "doubtful_campaigns",
        "update campaigns.campaign_assignments set holdout_share = 0.9",
        "another hold-out share today than when its arms were drawn",
    ),
    ("doubtful_campaigns", "delete from campaigns.campaign_assignments", "nobody drew these customers into an arm"),
    (
        "every_segmentation_has_at_most_one_champion",
        "insert into clustering.segmentation_models select * replace (2 as model_version) "
        "from clustering.segmentation_models",
        "demographic",
    ),
    (
        "unique_customer_scores_customer_id",
        "insert into clustering.customer_scores from clustering.customer_scores where customer_id = '7'",
        "7",
    ),
    (
        "not_null_customer_scores_customer_id",
        "update clustering.customer_scores set customer_id = null where customer_id = '7'",
        "None",
    ),
    (
        "unique_combination_segment_changes_build_number__customer_id",
        "insert into clustering.segment_changes from clustering.segment_changes where customer_id = '7'",
        "7",
    ),
    (
        "known_reason_stg_customers_rejection_reason",
        "update staging.stg_customers set rejection_reason = 'Monday' where customer_id = '7'",
        "Monday",
    ),
    (
        "customer_table_stg_customers_category__number__date__False",
        "update staging.stg_customers set customer_id = '7' where customer_id = '8'",
        "an id stands in more than one row",
    ),
    (
        "not_null_rejected_customers_source_values",
        "insert into staging.rejected_customers (rejection_reason) values ('Monday')",
        "None",
    ),
]


@pytest.fixture(scope="module")
def sound(warehouse, tmp_path_factory) -> duckdb.DuckDBPyConnection:
    """A copy of the mall's warehouse, under the name that the compiled tests know it by."""
    copy = tmp_path_factory.mktemp("tampered") / warehouse.path.name
    shutil.copy(warehouse.path, copy)
    with duckdb.connect(str(copy)) as connection:
        # One action whose name the changes can spell.
        connection.execute("""
            update raw.marketing_actions set action_id = 'a'
            where action_id = (select min(action_id) from raw.marketing_actions where kpi is not null)
        """)
        connection.execute("""
            update raw.action_conditions set action_id = 'a'
            where action_id not in (select action_id from raw.marketing_actions)
        """)
        yield connection


@pytest.mark.parametrize(("test", "change", "fault"), TAMPERED)
def test_a_data_test_fails_for_each_fault_and_only_then(warehouse, sound, test, change, fault):
    assert any(fault in row for row in found_after(warehouse, sound, test, change))


def test_no_data_test_is_left_out(warehouse):
    # The pinned versions are below.
    assert data_tests(warehouse) - {test for test, _, _ in TAMPERED} == {"pinned_versions_are_usable"}


@pytest.mark.long
def test_a_pinned_version_that_cannot_be_used_stops_the_build_before_the_marts(warehouse, tmp_path):
    own = Warehouse(tmp_path)
    shutil.copy(warehouse.path, own.path)
    # There is no version 99, and version 1 was trained with other weights.
    weights = {"annual_income_k": 2, "spending_score": 1}
    for asked in (
        {"pinned_versions": {"income_spending": 99}},
        {"pinned_versions": {"income_spending": 1}, "segmentations": {"income_spending": {"features": weights}}},
    ):
        scored = own.dbt("build", "--selector", "score", project_vars=asked, check=False)
        assert scored.returncode == 1
        assert "FAIL 1 pinned_versions_are_usable" in scored.stdout
        assert own.query("from marts.customers").equals(warehouse.query("from marts.customers"))
        with open_warehouse(own.path) as connection, pytest.raises(ProblemError, match="did not finish"):
            finished_build(connection)
