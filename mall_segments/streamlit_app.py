"""A small Streamlit page on the published file: the segments, what to do about them, and where a customer belongs.

Run as ``python -m streamlit run mall_segments/streamlit_app.py`` in the project's folder.
"""

import os

import duckdb
import streamlit as st

from mall_segments.charts import profile_heatmap, segment_colors, segment_sizes

PUBLISHED = os.environ.get("MALL_SEGMENTS_PUBLISHED", "exports/segments.duckdb")

# Opened for each visit anew, so that the page shows what was published last.
with duckdb.connect(PUBLISHED, read_only=True) as connection:
    columns = connection.table("marts.customers").columns
    segmentations = [name.removesuffix("_segment_id") for name in columns if name.endswith("_segment_id")]
    segments = connection.sql("from marts.segments order by value_rank").df()
    segments = segments.sort_values("segmentation", key=lambda names: names.map(segmentations.index), kind="stable")
    segments = segments.assign(color=segment_colors(segments))
    profiles = connection.sql("from marts.segment_profiles").df()
    actions = connection.sql("from marts.segment_marketing_actions order by priority").df()

    st.title("Customer segments")
    segmentation = st.selectbox("Segmentation", segmentations)
    shown = segments[segments["segmentation"] == segmentation]
    names = shown[["segmentation", "segment_id", "segment_name", "value_rank", "color"]]
    st.altair_chart(segment_sizes(shown), theme=None)
    st.altair_chart(profile_heatmap(profiles.merge(names, on=["segmentation", "segment_id"])), theme=None)

    segment = st.selectbox("What to do about", shown["segment_name"])
    planned = actions[(actions["segmentation"] == segmentation) & (actions["segment_name"] == segment)]
    st.table(planned[["priority", "objective", "action", "channel", "offer", "kpi"]].set_index("priority"))

    st.header("Where does a customer belong?")
    income = st.number_input("Annual income (k$)", min_value=0.0, value=75.0)
    score = st.number_input("Spending score", min_value=1.0, max_value=100.0, value=70.0)
    answer = connection.execute(f"from marts.classify_customer({income}, {score})").df().iloc[0]
    st.success(f"{answer['segment_name']} ({answer['nickname']}); runner-up: {answer['runner_up_segment_name']}")
