"""Four quarters of a simulated mall: plan, hold-out, result, next budget, against splits that learn nothing.

Customers are segmented and campaigns planned, drawn, measured and paid for by the project itself, one ``dbt run`` after
the other; only what customers do is simulated, from effects that the project never sees.

>>> python -m benchmarks.campaign_quarters --customers 100000  # doctest: +SKIP
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from scipy.optimize import linprog

from benchmarks.generate_customers import generate_customers

PROJECT = Path(__file__).parents[1]
ACTIONS = {"app message": 0.4, "letter": 1.0, "voucher": 2.0, "appointment": 4.0}
QUARTERS = [("2027-01-01", "2027-03-31"), ("2027-04-01", "2027-06-30"), ("2027-07-01", "2027-09-30"),
            ("2027-10-01", "2027-12-31")]  # fmt: skip
MARGIN = 0.4
LEARNING_SHARE = 0.15
JUDGE = ["run", "--select", "path:models_sql/campaigns", "campaign_statistics"]
DRAW = ["run", "--select", "campaign_terms", "campaign_segments", "campaign_candidates", "campaign_assignments"]
HOLDOUT_SHARES = {"learn": 0.3, "earn": 0.05}


def hidden_effects(segments: pd.DataFrame, seed: int) -> pd.DataFrame:
    """What each action truly adds to the revenue of a customer of each segment; about a third of them pay.

    Parameters
    ----------
    segments : DataFrame, one row per segment
        `segment_id` and `customers`.
    seed : int

    Returns
    -------
    DataFrame, one row per segment and action
        Also `cost` and `profit`, the expected profit of a contact.
    """
    rng = np.random.default_rng(seed)
    effects = segments.merge(pd.DataFrame({"action": ACTIONS.keys(), "cost": ACTIONS.values()}), how="cross")
    effects["effect"] = effects["cost"] / MARGIN * rng.choice([0, 0.4, 1.8, 3], len(effects), p=[0.4, 0.25, 0.2, 0.15])
    effects["profit"] = MARGIN * effects["effect"] - effects["cost"]
    return effects


def best_profit(effects: pd.DataFrame, budget: float) -> float:
    """What one who knew the effects would earn in a quarter: a linear program over contacts per segment and action."""
    of_segment = pd.get_dummies(effects["segment_id"]).T.to_numpy(dtype=float)
    room = effects.drop_duplicates("segment_id").sort_values("segment_id")["customers"]
    solved = linprog(
        -effects["profit"], np.vstack([of_segment, effects["cost"]]), np.r_[room, budget], bounds=(0, None)
    )
    return -solved.fun


def equal_split_profit(effects: pd.DataFrame, budget: float) -> float:
    """Earn with the same money for every segment and action, as far as there are customers."""
    fair = effects["customers"] / len(ACTIONS)
    contacts = np.minimum(budget / len(effects) / effects["cost"], fair)
    return float((contacts * effects["profit"]).sum())


def mail_everybody_profit(effects: pd.DataFrame, budget: float) -> float:
    """Earn with one and the same action for everybody until the money is gone, in the mean over the actions."""
    shares = np.minimum(budget / (effects["customers"] * effects["cost"]).groupby(effects["action"]).sum(), 1)
    return float((shares * (effects["customers"] * effects["profit"]).groupby(effects["action"]).sum()).mean())


class Mall:
    """A simulated mall with a warehouse and a marketing desk."""

    def __init__(self, folder: Path, customers: int, budget: float, seed: int):
        self.folder = folder
        self.budget = budget
        self.warehouse = folder / "mall.duckdb"
        self.rng = np.random.default_rng([seed, 1])
        self.file = folder / "customers.parquet"
        generate_customers(self.file, customers, seed=seed)
        self.terms = pd.DataFrame(
            [self.term(f"idea {action}", action, "all", QUARTERS[-1], 0.3, None, False) for action in ACTIONS]
        ).astype({"budget": float})
        self.outcomes = pd.DataFrame(
            {
                "campaign": pd.Series(dtype="str"),
                "customer_id": pd.Series(dtype="str"),
                "retained": pd.Series(dtype=int),
                "revenue_before": pd.Series(dtype=float),
                "revenue_during": pd.Series(dtype=float),
                "observed_on": pd.Series(dtype="datetime64[us]"),
            }
        )
        self.write()
        self.run("build", "--exclude", "algorithm_scores", "test_type:data", "test_type:unit")
        self.segments = self.query("""
            select segment_id, segment_name, customers from marts.segments
            where segmentation = 'income_spending' order by segment_id
        """)
        # How much each customer is used to spend; only its traces reach the warehouse.
        ids = self.query("select customer_id from marts.customers order by customer_id")["customer_id"]
        self.habits = pd.Series(self.rng.gamma(4, 12, len(ids)), index=ids)

    @staticmethod
    def term(campaign, action, segments, days, holdout_share, budget, is_approved, priority=1) -> dict:
        """One row of the campaigns' terms."""
        return {
            "campaign": campaign,
            "segmentation": "income_spending",
            "segments": segments,
            "action": action,
            "starts_on": days[0],
            "ends_on": days[1],
            "holdout_share": holdout_share,
            "priority": priority,
            "budget": budget,
            "cost_per_contact": ACTIONS[action],
            "is_approved": is_approved,
            "is_simulated": False,  # as far as the project can know
        }

    def query(self, sql: str) -> pd.DataFrame:
        """Ask the warehouse."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.sql(sql).df()

    def write(self) -> None:
        """Hand terms and outcomes to the warehouse."""
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute("create schema if not exists desk")
            for name, rows in {"campaigns": self.terms, "outcomes": self.outcomes}.items():
                connection.register("written", rows)
                connection.execute(f"create or replace table desk.{name} as select * from written")

    def run(self, *arguments: str) -> None:
        """One dbt command, with the same vars every time: dbt then need not read the project again."""
        project_vars = {
            "customers_file": str(self.file),
            "segmentations": {"income_spending": {"features": {"annual_income_k": 1, "spending_score": 1}}},
            "campaigns_table": "desk.campaigns",
            "campaign_outcomes_table": "desk.outcomes",
            "campaigns": {
                "level": 0.05,
                "power": 0.8,
                "worthwhile_uplift": 0.05,
                "assumed_retention": 0.5,
                "ratio_alarm": 0.001,
                "margin": MARGIN,
                "next_budget": self.budget,
                "learning_share": LEARNING_SHARE,
            },
        }
        command = [
            str(Path(sys.executable).with_name("dbt")),
            *arguments,
            "--quiet",
            "--vars",
            json.dumps(project_vars),
        ]
        command += ["--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")]
        environment = os.environ | {"MALL_SEGMENTS_DB": str(self.warehouse), "DBT_PROFILES_DIR": str(PROJECT)}
        subprocess.run(command, cwd=PROJECT, env=environment, check=True)

    def live(self, effects: pd.DataFrame, campaigns: list[str], days: tuple[str, str]) -> pd.DataFrame:
        """Let the customers of the quarter's campaigns act, write it down, and return who was contacted for what."""
        drawn = self.query("from campaigns.campaign_assignments")
        drawn = drawn[drawn["campaign"].isin(campaigns)].sort_values(["campaign", "customer_id"], ignore_index=True)
        drawn = drawn.merge(self.terms[["campaign", "action"]]).merge(effects, on=["segment_id", "action"])
        treated = drawn["arm"].eq("treatment")
        habit = self.habits.loc[drawn["customer_id"]].to_numpy()
        gained = treated * drawn["effect"] * self.rng.gamma(2, 0.5, len(drawn))
        outcomes = drawn[["campaign", "customer_id"]].assign(
            retained=(self.rng.random(len(drawn)) < 0.5 + treated * drawn["effect"] / 100).astype(int),
            revenue_before=habit * self.rng.lognormal(0, 0.3, len(drawn)),
            revenue_during=habit * self.rng.lognormal(0, 0.3, len(drawn)) + gained,
            # The newest outcome is today: the quarter is over.
            observed_on=pd.Timestamp(days[1]) + pd.Timedelta(days=1),
        )
        self.outcomes = pd.concat([self.outcomes, outcomes])
        return drawn[treated]


def quarters(folder: Path, customers: int, budget_per_customer: float, seed: int) -> pd.DataFrame:
    """Play four quarters.

    Parameters
    ----------
    folder : Path
        Receives the customers and the warehouse.
    customers : int
    budget_per_customer : float
        Money of a quarter over the number of customers.
    seed : int
        Of the customers, of the effects and of what customers do.

    Returns
    -------
    DataFrame, one row per quarter
        Expected profit of `project`, `equal_split`, `mail_everybody` and `oracle`, and `contacts` and `spend` of the
        project.
    """
    budget = budget_per_customer * customers
    mall = Mall(folder, customers, budget, seed)
    effects = hidden_effects(mall.segments, seed)
    rows = []
    for number, days in enumerate(QUARTERS):
        mall.run(*JUDGE)
        split = mall.query("from campaigns.next_budget where contacts > 0 order by segment_id, action")
        new = [
            mall.term(
                f"quarter {number + 1}: {row.action} for {row.segment_name}", row.action, row.segment_name, days,
                HOLDOUT_SHARES[row.purpose], row.amount, True, priority=1 if row.purpose == "learn" else 2,
            )
            for row in split.itertuples()
        ]  # fmt: skip
        mall.terms = pd.concat([mall.terms, pd.DataFrame(new)], ignore_index=True)
        mall.write()
        mall.run(*DRAW)
        contacted = mall.live(effects, [term["campaign"] for term in new], days)
        mall.write()
        rows.append(
            {
                "quarter": number + 1,
                "project": contacted["profit"].sum(),
                "equal_split": equal_split_profit(effects, budget),
                "mail_everybody": mail_everybody_profit(effects, budget),
                "oracle": best_profit(effects, budget),
                "contacts": len(contacted),
                "spend": contacted["cost"].sum(),
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    """Print the four quarters."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--budget-per-customer", type=float, default=0.8)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        played = quarters(Path(folder), chosen.customers, chosen.budget_per_customer, chosen.seed)
    shares = played[["project", "equal_split", "mail_everybody"]].div(played["oracle"], axis="index").round(3)
    print(played.round(0).to_string(index=False))
    print("Share of what one who knew the effects would earn, by quarter:", shares.to_string(index=False), sep="\n")
    whole = played[["project", "equal_split", "mail_everybody"]].sum() / played["oracle"].sum()
    print("and of the year:", whole.round(3).to_string(), sep="\n")


if __name__ == "__main__":
    main()
