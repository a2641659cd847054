"""A small Streamlit page on the published file: the segments, what to do about them, and where a customer belongs.

Run as ``python -m streamlit run mall_segments/streamlit_app.py`` in the project's folder.
"""

import os

import duckdb
import streamlit as st

from mall_segments.charts import segmentation_charts
from mall_segments.frames import read_frames

PUBLISHED = os.environ.get("MALL_SEGMENTS_PUBLISHED", "exports/segments.duckdb")

# Opened for each visit, so that the page shows what was published last.
try:
    connection = duckdb.connect(PUBLISHED, read_only=True)
    frames = read_frames(connection)
except duckdb.Error as error:
    st.error(
        f"{PUBLISHED} is not there or is no published file of this edition ({str(error).splitlines()[0]}); build and "
        "publish, or name the file in MALL_SEGMENTS_PUBLISHED."
    )
    st.stop()
with connection:
    segmentations = frames["segmentations"].set_index("segmentation")["title"]

    st.title("Customer segments")
    if frames["segments"].empty:
        st.info("There are no segments yet. Load customers, build and publish again.")
        st.stop()
    segmentation = st.selectbox("Segmentation", segmentations.index.tolist(), format_func=segmentations.get)
    charts = segmentation_charts(frames, segmentation)
    for name in ("segment_sizes", "profile_heatmap"):
        st.altair_chart(charts[name], theme=None)

    shown = frames["segments"].query("segmentation == @segmentation")
    segment = st.selectbox("What to do about", shown["segment"])
    planned = frames["segment_marketing_actions"].query("segmentation == @segmentation and segment == @segment")
    st.table(planned[["priority", "objective", "action", "channel", "offer", "kpi"]].set_index("priority"))

    # The function of the warehouse takes the features of the first segmentation, in their order.
    fields = frames["form_fields"].query("segmentation == @segmentations.index[0]")
    st.header("Where does a customer belong?")
    values = []
    for row in fields.itertuples():
        label = row.label[0].upper() + row.label[1:]
        if row.is_category:
            levels = frames["form_centers"].query("segmentation == @row.segmentation and feature == @row.feature")
            values.append(st.selectbox(label, levels["level"].unique().tolist()))
        else:
            values.append(st.number_input(f"{label} ({row.unit})" if row.unit else label, value=row.mean))
    places = ", ".join("?" for _ in values)
    answer = connection.execute(f"from marts.classify_customer({places})", values).df().iloc[0]
    first = frames["segments"].query("segmentation == @segmentations.index[0]")
    names = first.set_index("segment_id")["segment"]
    runner_up = names.get(answer["runner_up_segment_id"])  # none by rule
    beside = f"; runner-up: {runner_up}" if runner_up else ""
    st.success(f"{names[answer['segment_id']]} ({answer['segment_name']}){beside}")
