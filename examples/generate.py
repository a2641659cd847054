"""Make the small data of the examples: who is in which segment is known, so that a build can be held to it.

    python -m examples.generate

Writes what each example reads into its folder, and beside it `expected.csv`: the segment each customer was made for.
"""

from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent
LAST_DAY = pd.Timestamp("2025-12-31")


def spread(rng: np.random.Generator, middle: float, count: int, ratio: float = 1.25) -> np.ndarray:
    """Draw amounts about a middle; as many are that much higher as are that much lower."""
    return middle * np.exp(rng.normal(0, np.log(ratio), count))


def days_before(rng: np.random.Generator, low: int, high: int, count: int) -> pd.DatetimeIndex:
    """Draw days that lie so many days, low to high, before the last."""
    return LAST_DAY - pd.to_timedelta(rng.integers(low, high, count), unit="D")


def numbered(
    rng: np.random.Generator, parts: dict[str, pd.DataFrame], column: str, number: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Shuffle the customers of all segments and number them.

    Returns
    -------
    rows, expected : DataFrame, one row per customer
        What the source holds, and `customer_id` with `segment_name`.
    """
    rows = pd.concat([part.assign(segment=name) for name, part in parts.items()])
    rows = rows.iloc[rng.permutation(len(rows))].reset_index(drop=True)
    rows.insert(0, column, [number.format(each) for each in range(1, len(rows) + 1)])
    expected = rows[[column, "segment"]].set_axis(["customer_id", "segment_name"], axis=1)
    return rows.drop(columns="segment"), expected


def bank(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clients by what they save, spend by card and do in the app."""
    segments = {
        "High savings, low app log-ins": (70, 60, 950, 5),
        "High card spending, high app log-ins, low savings": (150, 14, 1900, 24),
        "High savings, high app log-ins": (80, 52, 800, 21),
        "Low card spending, low app log-ins, low savings": (200, 12, 420, 6),
    }
    parts = {
        name: pd.DataFrame(
            {
                "Savings (k€)": spread(rng, savings, count).round(1),
                "Card spending / month": spread(rng, card, count).round(2),
                "App log-ins / month": rng.poisson(log_ins, count),
                "Client since": days_before(rng, 200, 9000, count),
            }
        )
        for name, (count, savings, card, log_ins) in segments.items()
    }
    return numbered(rng, parts, "Client", "C{:04d}")


def telecom(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Subscribers by data, calls and bill, with their kind of contract."""
    segments = {
        "High data use, high monthly bill": (120, 38, 130, 62, 0.05),
        "High call time, low data use": (140, 6, 620, 36, 0.15),
        "Low monthly bill, low call time": (220, 9, 110, 13, 0.8),
    }
    parts = {
        name: pd.DataFrame(
            {
                "Data GB": spread(rng, data, count).round(1),
                "Call minutes": spread(rng, minutes, count).round(),
                "Bill": spread(rng, bill, count, 1.15).round(2),
                "Contract": np.where(rng.random(count) < prepaid, "prepaid", "contract"),
                "Joined": days_before(rng, 30, 4000, count),
            }
        )
        for name, (count, data, minutes, bill, prepaid) in segments.items()
    }
    return numbered(rng, parts, "Subscriber", "{:06d}")


def clinic(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Patients of a clinic for physiotherapy by how they respond and how far they follow the treatment."""
    segments = {
        "High improvement, high exercise, high appointments kept": (130, 4.6, 0.95, 5.2),
        "Low improvement, high appointments kept, high exercise": (90, 0.6, 0.93, 4.9),
        "Low exercise, low appointments kept, high improvement": (80, 4.2, 0.55, 1.4),
        "Low appointments kept, low exercise, low improvement": (100, 0.5, 0.5, 1.2),
    }
    parts = {}
    for name, (count, improvement, kept, exercise) in segments.items():
        better = np.clip(rng.normal(improvement, 0.8, count), -2, 9).round(1)
        before = np.clip(rng.normal(7, 1, count), 4, 10).round(1)
        parts[name] = pd.DataFrame(
            {
                "Symptoms at start (0-10)": before,
                "Improvement (points)": np.minimum(better, before),
                "Appointments kept (%)": (100 * rng.beta(40 * kept, 40 * (1 - kept), count)).round(),
                "Exercise days / week": np.clip(rng.normal(exercise, 0.7, count), 0, 7).round(1),
                "First appointment": days_before(rng, 60, 700, count),
            }
        )
    return numbered(rng, parts, "Patient", "P{:04d}")


def shop(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders of customers who differ in how often, for how much, and how long ago they bought."""
    segments = {
        "Many purchases, few days since the last purchase, low basket value": (60, 13, (1, 25), 40),
        "High basket value, few days since the last purchase": (45, 4, (10, 60), 120),
        "Many days since the last purchase, average basket value": (70, 4, (330, 480), 45),
        "Few purchases, few days since the last purchase, low basket value": (55, 2, (1, 30), 40),
    }
    parts, orders = {}, []
    for name, (count, purchases, (last_from, last_to), basket) in segments.items():
        parts[name] = pd.DataFrame(
            {
                "purchases": 1 + rng.poisson(purchases - 1, count),
                "last": rng.integers(last_from, last_to, count),
                "basket": spread(rng, basket, count, 1.15),
            }
        )
    customers, expected = numbered(rng, parts, "Customer", "K{:03d}")
    for customer in customers.itertuples():
        gaps = rng.gamma(2, 18 if customer.purchases > 6 else 25, customer.purchases).round().clip(2)
        ages = customer.last + np.concatenate([[0], gaps[1:].cumsum()]) if customer.purchases > 1 else [customer.last]
        for age in ages:
            total = spread(rng, customer.basket, 1, 1.2)[0].round(2)
            department = rng.choice(["Kitchen", "Garden", "Textiles"], p=[0.5, 0.3, 0.2])
            orders.append((customer.Customer, LAST_DAY - pd.Timedelta(days=int(age)), total, department))
            if rng.random() < 0.04:
                orders.append((customer.Customer, orders[-1][1], -total, department))
    rows = pd.DataFrame(orders, columns=["Customer", "Date", "Total", "Department"])
    rows = rows.sort_values(["Date", "Customer"], kind="stable").reset_index(drop=True)
    is_return = rows["Total"] < 0
    rows.insert(0, "Order", [f"{2000 + number}" for number in (~is_return).cumsum()])
    return rows, expected


EXAMPLES = {"shop": shop, "bank": bank, "telecom": telecom, "clinic": clinic}


def generate(name: str) -> dict[str, pd.DataFrame]:
    """Make the files of one example, by their names; the same at any time."""
    rows, expected = EXAMPLES[name](np.random.default_rng([42, *name.encode()]))
    return {"orders.csv" if name == "shop" else "customers.csv": rows, "expected.csv": expected}


if __name__ == "__main__":
    for name in EXAMPLES:
        for file, rows in generate(name).items():
            rows.to_csv(FOLDER / name / file, index=False, date_format="%Y-%m-%d")
