"""Four quarters of plan, hold-out, result and next budget, against one who knows the effects."""

import numpy as np
import pandas as pd
import pytest

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


@pytest.mark.long
def test_after_four_quarters_budgets_earn_nine_tenths_of_what_could_be_known(tmp_path):
    played = quarters(tmp_path, 100_000, budget_per_customer=0.8, seed=1).set_index("quarter")
    assert played.loc[4, "project"] >= 0.9 * played.loc[4, "oracle"]
    assert played["project"].sum() > max(played["equal_split"].sum(), played["mail_everybody"].sum())
    assert (played["spend"] <= 0.8 * 100_000).all()
