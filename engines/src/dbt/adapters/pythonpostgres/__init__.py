"""The adapter `pythonpostgres` of dbt: dbt-postgres with Python models."""

from dbt.adapters.base import AdapterPlugin
from dbt.adapters.pythonpostgres.impl import PythonPostgresAdapter, PythonPostgresCredentials
from dbt.include import pythonpostgres

Plugin = AdapterPlugin(
    adapter=PythonPostgresAdapter,
    credentials=PythonPostgresCredentials,
    include_path=pythonpostgres.PACKAGE_PATH,
    dependencies=["postgres"],
)
