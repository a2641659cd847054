"""Four quarters of plan, hold-out, result and next budget, against one who knows the effects."""

import numpy as np
import pandas as pd
import pytest
import yaml
from compiled import CompiledModels
from project import PROJECT
from scipy.optimize import linprog

from benchmarks.campaign_quarters import (
    ACTIONS,
    best_profit,
    equal_split_profit,
    hidden_effects,
    mail_everybody_profit,
    quarters,
)


def test_the_oracle_earns_at_least_what_any_split_does():
    segments = pd.DataFrame({"segment_id": [1, 2, 3], "customers": [400, 300, 300]})
    for seed in range(20):
        effects = hidden_effects(segments, seed)
        best = best_profit(effects, 500)
        assert best >= max(equal_split_profit(effects, 500), mail_everybody_profit(effects, 500), 0)
        # Money enough for everyone: the best action of each segment that pays.
        everything = (
            effects.groupby("segment_id")["profit"].max().clip(lower=0) * segments.set_index("segment_id")["customers"]
        )
        assert best_profit(effects, 1e9) == pytest.approx(everything.sum())
    assert np.isclose(len(effects), 3 * len(ACTIONS))


BUDGET, MARGIN = 1000, 0.5


@pytest.fixture(scope="module")
def split(tmp_path_factory):
    """`next_budget` on measurements that a test makes up."""
    declared = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]["campaigns"]
    campaigns = declared | {"next_budget": BUDGET, "margin": MARGIN, "learning_share": 0}
    models = CompiledModels(tmp_path_factory.mktemp("split"), "next_budget", campaigns=campaigns)

    def of(options: pd.DataFrame) -> pd.DataFrame:
        rows = options.assign(
            campaign=[f"campaign {row}" for row in range(len(options))], segmentation="ours", segment_name="a segment",
            kind="segment", is_overall=False, is_ratio_as_drawn=True, is_simulated=False, problem=None,
            revenue_standard_error=0.01, critical_value=1.96, measured_treatment=100, holdout=0, customers_needed=10.0,
        )  # fmt: skip
        rows["revenue_uplift"] = (rows["low"] + rows["cost_per_contact"]) / MARGIN + 1.96 * 0.01
        segments = rows.drop_duplicates("segment_id").rename(columns={"customers": "treatment"})
        for table, frame in {
            "campaign_results": rows.drop(columns=["cost_per_contact", "problem"]),
            "campaign_terms": rows[["campaign", "action", "cost_per_contact", "is_simulated", "problem"]],
            "campaign_segments": rows[["campaign", "segmentation", "segment_id", "segment_name"]],
            "campaign_counts": segments[["kind", "segmentation", "segment_id", "treatment", "holdout"]],
            "campaign_statistics": segments[["kind", "segmentation", "segment_id", "customers_needed"]],
        }.items():
            models.write(f"campaigns.{table}", frame)
        return models.run("next_budget")

    return of


@pytest.mark.parametrize("seed", range(40))
def test_proven_money_goes_where_a_linear_program_would_put_it(split, seed):
    rng = np.random.default_rng(seed)
    segments = pd.DataFrame({"segment_id": range(1, 6), "customers": rng.integers(30, 400, 5)})
    actions = pd.DataFrame({"action": list("abcd"), "cost_per_contact": rng.choice([0.5, 1, 1, 2, 4], 4)})
    options = segments.merge(actions, how="cross")
    options["low"] = rng.normal(0.5, 2, len(options)) * options["cost_per_contact"]
    found = split(options).merge(options, on=["segment_id", "action", "cost_per_contact"])
    of_segment = pd.get_dummies(options["segment_id"]).T.to_numpy(dtype=float)
    best = linprog(
        -options["low"],
        np.vstack([of_segment, options["cost_per_contact"]]),
        np.r_[segments["customers"], BUDGET],
        bounds=(0, None),
    )
    assert found["amount"].sum() <= BUDGET
    assert (found.groupby("segment_id")["contacts"].sum() <= segments.set_index("segment_id")["customers"]).all()
    # Whole customers: the last step may fall short of one contact.
    assert -best.fun - max(options["low"].max(), 0) <= (found["contacts"] * found["low"]).sum() <= -best.fun + 1e-6


@pytest.mark.long
def test_after_four_quarters_budgets_earn_nine_tenths_of_what_could_be_known(tmp_path):
    played = quarters(tmp_path, 100_000, budget_per_customer=0.8, seed=1).set_index("quarter")
    assert played.loc[4, "project"] >= 0.9 * played.loc[4, "oracle"]
    assert played["project"].sum() > max(played["equal_split"].sum(), played["mail_everybody"].sum())
    assert (played["spend"] <= 0.8 * 100_000).all()
