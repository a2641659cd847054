"""A chart is declared once, and what does not exist is refused where it is named."""

import re

import altair as alt
import duckdb
import numpy as np
import pandas as pd
import pytest

from mall_segments.charts import CHARTS, published_charts, registry
from mall_segments.charts.registry import ANOTHER_VIEW, Place, chart
from mall_segments.frames import read_frames
from mall_segments.page import dashboard_html


@pytest.fixture
def own_registry(monkeypatch):
    """Charts that a test declares are gone after it."""
    monkeypatch.setattr(registry, "CHARTS", CHARTS.copy())


def values(segments: pd.DataFrame) -> alt.Chart:
    title = alt.Title("Value of the segments", subtitle="Most valuable first.")
    return alt.Chart(segments[["segment", "value_index"]], title=title).mark_bar().encode(x="value_index:Q")


def test_a_declared_chart_is_on_the_page_and_among_the_pictures(own_registry, frames):
    chart(Place("fit", 3, is_wide=True), Place(ANOTHER_VIEW, 12))(values)
    page = dashboard_html(frames)
    fit = page[page.index('<section id="fit"') : page.index('<section id="trust"')]
    assert re.findall(r'<figure class="([^"]*)" id="figure-(\w+)"', fit) == [
        ("figure", "silhouette_plot"),
        ("figure", "segment_sizes"),
        ("figure wide", "segment_borders"),
        ("figure wide", "values"),
    ]
    assert 'id="figure-demographic-values"' in page
    assert {"income_spending_values", "demographic_values"} <= set(published_charts(frames))


def test_a_chart_in_a_section_that_does_not_exist_fails_the_page(own_registry, frames):
    chart(Place("fits", 3))(values)
    with pytest.raises(
        ValueError, match=r"The chart `values` has a place in the section `fits`; .* fit, list, profiles"
    ):
        dashboard_html(frames)


def test_a_chart_of_a_frame_that_does_not_exist_is_refused(own_registry):
    def values(segmets):
        return segmets

    with pytest.raises(ValueError, match=r"The chart `values` reads segmets; the frames there are: segmentations"):
        chart()(values)


def test_a_condition_on_a_frame_that_does_not_exist_is_refused(own_registry):
    with pytest.raises(ValueError, match="The chart `values` reads segmets"):
        chart(when=lambda segmets: len(segmets) > 0)(values)


def test_two_charts_of_one_name_are_refused(own_registry):
    chart()(values)
    with pytest.raises(ValueError, match="two charts of the name `values`"):
        chart()(values)


@pytest.mark.long
def test_a_chart_is_left_out_only_without_rows_or_by_its_own_condition(frames):
    without_map = frames | {"segmentations": frames["segmentations"].assign(y_feature=None)}
    missing = set(published_charts(frames)) - set(published_charts(without_map))
    assert missing == {"raw_scatter", "income_spending_segment_map"}
    without_axes = without_map | {"map_axes": frames["map_axes"].iloc[:0]}
    missing = set(published_charts(frames)) - set(published_charts(without_axes))
    assert missing == {"raw_scatter", "income_spending_segment_map", "demographic_segment_map"}
    without_margins = frames | {"segment_margins": frames["segment_margins"].iloc[:0]}
    missing = set(published_charts(frames)) - set(published_charts(without_margins))
    assert missing == {"income_spending_silhouette_plot", "demographic_silhouette_plot"}


def test_published_file_holds_the_frames_of_the_warehouse(frames, exports):
    with duckdb.connect(str(exports / "segments.duckdb"), read_only=True) as connection:
        published = read_frames(connection)
    assert published.keys() == frames.keys()
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(published[name], frame, obj=name)


def test_top_customers_are_the_strongest_of_the_best_segment(frames, warehouse):
    customers = warehouse.query("select * from marts.customers")
    features = ["annual_income_k", "spending_score"]
    customers["value"] = (customers[features] / customers[features].std(ddof=0)).sum(axis=1)
    best = frames["segments"].query("segmentation == 'income_spending' and value_rank == 1")["segment_name"].item()
    members = customers[customers["income_spending_segment_name"] == best]
    expected = members.sort_values("value", ascending=False)
    top = frames["top_customers"].pivot(index=["place", "customer_id"], columns="feature", values="value").reset_index()
    assert top["place"].tolist() == list(range(1, 40))
    values = top[features] / customers[features].std(ddof=0)
    assert values.sum(axis=1).to_numpy() == pytest.approx(expected["value"].to_numpy())
    assert set(top["customer_id"]) == set(expected["customer_id"])


def test_points_are_customers_with_their_own_values(frames, warehouse):
    customers = warehouse.query("select * from marts.customers").set_index("customer_id")
    points = frames["segment_points"].query("segmentation == 'demographic'")
    assert points["customer_id"].nunique() == 200
    wide = points.pivot(index="customer_id", columns="feature", values="value")
    for feature in wide:
        np.testing.assert_array_equal(wide[feature], customers.loc[wide.index, feature])
    segments = points.drop_duplicates("customer_id").set_index("customer_id")["segment_id"]
    assert (segments == customers.loc[segments.index, "demographic_segment_id"]).all()


def test_the_page_tells_of_the_best_segments_customers_and_of_the_other_segmentation(frames):
    page = dashboard_html(frames)
    assert re.search(r"<h2[^>]*>\s*Another view: age, annual income, spending score and gender\s*</h2>", page)
    plan = page[page.index('<section id="actions"') : page.index('<section id="campaigns"')]
    assert "Customers by name: VIP" in plan
