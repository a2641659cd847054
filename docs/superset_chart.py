"""Register the published file in a running Superset, read-only, and chart each segment's mean spending score.

Superset draws from one dataset, so the tables of the star are joined in its SQL, each by its one key.
"""

import json
import pathlib

import requests

SUPERSET = "http://127.0.0.1:8088"
FILE = pathlib.Path("exports/segments.duckdb").resolve()
STAR = """
    select
        customer_segments.segmentation,
        segments.segment_name,
        customers.customer_id,
        customers.spending_score
    from marts.customer_segments
    inner join marts.segments on customer_segments.segment_key = segments.segment_key
    inner join marts.customers on customer_segments.customer_id = customers.customer_id
"""
session = requests.Session()


def post(path, **body):
    """Create one thing through Superset's API."""
    answer = session.post(SUPERSET + path, json=body)
    answer.raise_for_status()
    return answer.json()


login = post("/api/v1/security/login", username="admin", password="admin", provider="db")
session.headers["Authorization"] = f"Bearer {login['access_token']}"
token = session.get(f"{SUPERSET}/api/v1/security/csrf_token/").json()["result"]
session.headers.update({"X-CSRFToken": token, "Referer": SUPERSET})

database = post(
    "/api/v1/database/",
    database_name="Customer segments",
    sqlalchemy_uri=f"duckdb:///{FILE}",
    extra=json.dumps({"engine_params": {"connect_args": {"read_only": True}}}),
)
dataset = post(
    "/api/v1/dataset/", database=database["id"], schema="marts", table_name="customers_and_segments", sql=STAR
)
metrics = [
    {"expressionType": "SQL", "sqlExpression": "count(*)", "label": "Customers"},
    {"expressionType": "SQL", "sqlExpression": "round(avg(spending_score), 1)", "label": "Mean spending score"},
]
query = {
    "datasource": {"id": dataset["id"], "type": "table"},
    "queries": [
        {
            "columns": ["segment_name"],
            "metrics": metrics,
            "filters": [{"col": "segmentation", "op": "==", "val": "income_spending"}],
        }
    ],
}
form = {
    "viz_type": "echarts_timeseries_bar",
    "x_axis": "segment_name",
    "metrics": metrics[1:],
    "adhoc_filters": [
        {
            "expressionType": "SIMPLE",
            "clause": "WHERE",
            "subject": "segmentation",
            "operator": "==",
            "comparator": "income_spending",
        }
    ],
}
chart = post(
    "/api/v1/chart/",
    slice_name="Mean spending score per segment",
    viz_type="echarts_timeseries_bar",
    datasource_id=dataset["id"],
    datasource_type="table",
    params=json.dumps(form),
    query_context=json.dumps(query),
)
print(session.get(f"{SUPERSET}/api/v1/chart/{chart['id']}/data/").json()["result"][0]["data"])
