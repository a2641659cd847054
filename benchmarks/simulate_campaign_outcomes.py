"""Make the simulated outcomes of the mall's campaigns, ``seeds/campaign_outcomes.csv``.

Nobody ran these campaigns. The true effects are in ``campaign_effects.csv`` beside this file: the share that stays
without the campaign, what the campaign adds to it, and what it adds to the basket of those who stay.

>>> python -m benchmarks.simulate_campaign_outcomes warehouse.duckdb  # doctest: +SKIP
"""

import argparse
import zlib
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

EFFECTS = Path(__file__).with_name("campaign_effects.csv")
SEED_FILE = Path(__file__).parents[1] / "seeds" / "campaign_outcomes.csv"
LAST_OBSERVED = pd.Timestamp("2026-10-31").date()


def read_assignments(warehouse: Path) -> pd.DataFrame:
    """Who was drawn into which arm of which campaign, with the name of the segment they were drawn in."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.sql("""
            select
                assignments.campaign,
                assignments.customer_id,
                segments.segment_name,
                assignments.arm,
                terms.starts_on,
                terms.ends_on
            from campaigns.campaign_assignments as assignments
            inner join campaigns.campaign_terms as terms on assignments.campaign = terms.campaign
            inner join marts.segments as segments
                on
                    assignments.segmentation = segments.segmentation
                    and assignments.segment_id = segments.segment_id
            where terms.is_simulated
            order by terms.starts_on, assignments.campaign, try_cast(assignments.customer_id as bigint)
        """).df()


def simulate(assignments: pd.DataFrame, effects: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Draw an outcome for every assigned customer.

    Parameters
    ----------
    assignments : DataFrame, one row per campaign and customer
    effects : DataFrame, one row per campaign and segment
        `retention_without`, `retention_uplift` and `basket_uplift`, the truth.
    seed : int
        Every customer of every campaign has random numbers of its own, so that one more changes no other.

    Returns
    -------
    DataFrame
        The columns of the seed, without outcomes that would be observed after the last day.
    """
    rows = []
    joined = assignments.merge(effects, on=["campaign", "segment_name"], how="left", validate="many_to_one")
    for row in joined.itertuples():
        rng = np.random.default_rng([seed, zlib.crc32(f"{row.campaign} {row.customer_id}".encode())])
        is_treated = row.arm == "treatment"
        habit = rng.gamma(4, 12)
        retained = rng.random() < row.retention_without + is_treated * row.retention_uplift
        basket = (habit * rng.lognormal(0, 0.35)) * (1 + is_treated * row.basket_uplift)
        days = (row.ends_on - row.starts_on).days
        # What is measured at a fixed time after contact becomes known one customer after the other.
        observed_on = row.starts_on + timedelta(days=int(rng.integers(days // 3, days + 1)))
        rows.append(
            {
                "campaign": row.campaign,
                "customer_id": row.customer_id,
                "retained": int(retained),
                "revenue_before": round(habit * rng.lognormal(0, 0.2), 2),
                "revenue_during": round(basket, 2) if retained else 0.0,
                "observed_on": pd.Timestamp(observed_on).date(),
                "is_simulated": "true",
            }
        )
    outcomes = pd.DataFrame(rows)
    return outcomes[outcomes["observed_on"] <= LAST_OBSERVED].reset_index(drop=True)


def main() -> None:
    """Write the seed from the arms that a build drew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("warehouse", nargs="?", type=Path, default=Path("warehouse.duckdb"))
    chosen = parser.parse_args()
    outcomes = simulate(read_assignments(chosen.warehouse), pd.read_csv(EFFECTS), seed=11)
    outcomes.to_csv(SEED_FILE, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
