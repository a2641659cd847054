"""Charts, dashboard, publishing and command line on top of the warehouse that dbt builds."""
