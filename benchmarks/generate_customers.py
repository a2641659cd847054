"""Customers in any number: the mall customers drawn with replacement and jittered, written as Parquet."""

import argparse
from pathlib import Path

import duckdb

MALL_CUSTOMERS = Path(__file__).parents[1] / "seeds" / "mall_customers.csv"

CUSTOMERS = """
copy (
    with

    mall as (

        select
            *,
            row_number() over (order by cast(CustomerID as integer)) - 1 as place
        from read_csv('{mall}')

    ),

    -- Uniform numbers from hashes, so that the same arguments give the same customers.
    drawn as (

        select
            range + 1 as customer,
            hash(range, {seed}) % 200 as place,
            (hash(range, {seed} + 1) % 1000000) / 1000000 as income_draw,
            (hash(range, {seed} + 2) % 1000000) / 1000000 as spending_draw,
            cast(hash(range, {seed} + 3) % 7 as integer) - 3 as age_jitter
        from range({customers})

    ),

    jittered as (

        select
            drawn.customer as "CustomerID",
            mall."Gender",
            greatest(18, mall."Age" + drawn.age_jitter) as "Age",
            round(greatest(5, mall."Annual Income (k$)" + 16 * drawn.income_draw - 8), 2) as "Annual Income (k$)",
            round(least(100, greatest(1, mall."Spending Score (1-100)" + 16 * drawn.spending_draw - 8)), 1)
                as "Spending Score (1-100)"
        from drawn
        inner join mall on drawn.place = mall.place

    ),

    -- A segment that sampling could lose: rich, and unlike everybody else.
    planted as (

        select
            {customers} + range + 1 as "CustomerID",
            'Female' as "Gender",
            50 as "Age",
            round(600 + (hash(range, {seed} + 4) % 1000000) / 50000, 2) as "Annual Income (k$)",
            round(80 + (hash(range, {seed} + 5) % 1000000) / 50000, 1) as "Spending Score (1-100)"
        from range({planted})

    )

    select * from jittered
    union all
    select * from planted
) to '{path}' (format parquet)
"""


def generate_customers(path: Path, customers: int, planted: int = 0, seed: int = 42) -> None:
    """Write a Parquet file with the mall data's headers.

    Parameters
    ----------
    path : Path
    customers : int
        Rows in all.
    planted : int
        How many of them form a rare segment far from the rest, at 600 to 620 k$.
    seed : int
    """
    sql = CUSTOMERS.format(mall=MALL_CUSTOMERS, path=path, customers=customers - planted, planted=planted, seed=seed)
    with duckdb.connect(config={"memory_limit": "4GB"}) as connection:
        connection.execute(sql)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("customers", type=int)
    parser.add_argument("--planted", type=int, default=0, help="how many of them form a rare segment")
    arguments = parser.parse_args()
    generate_customers(arguments.path, arguments.customers, arguments.planted)
