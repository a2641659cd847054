"""The adapter `pythonspark` of dbt: dbt-spark on a session of its own, with Python models."""

from dbt.adapters.base import AdapterPlugin
from dbt.adapters.pythonspark.impl import PythonSparkAdapter, PythonSparkCredentials
from dbt.include import pythonspark

Plugin = AdapterPlugin(
    adapter=PythonSparkAdapter,
    credentials=PythonSparkCredentials,
    include_path=pythonspark.PACKAGE_PATH,
    dependencies=["spark"],
)
