"""What running Python models in dbt's own process takes on any engine."""
