"""Where dbt looks for the version of an adapter."""

version = "0.1.0"
