"""What is said of customers in a project's own words, and what stays as it is."""

import altair as alt
import pandas as pd
import pytest

from mall_segments.wording import Wording


def wording(one: str, many: str) -> Wording:
    return Wording(
        {
            "totals": pd.DataFrame([{"customer_word": one, "customers_word": many}]),
            "top_customers": pd.DataFrame({"customer_id": ["customer 7", 8]}),
            "segment_categories": pd.DataFrame({"value": ["Customer (new)", "web"]}),
            "form_centers": pd.DataFrame({"level": ["", "old customers"]}),
        }
    )


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (
            "A customer of customers; each Customer, all Customers.",
            "A patient of patients; each Patient, all Patients.",
        ),
        ("see customers.csv, marts.customers and customer_id", "see customers.csv, marts.customers and customer_id"),
        ("customer 7 is no customer of ours", "customer 7 is no patient of ours"),
        ("Customer (new) among old customers and customers", "Customer (new) among old customers and patients"),
        ("customer's", "patient's"),
        ("customer 70 of subcustomer 7", "patient 70 of subcustomer 7"),
        ("subcustomer", "subcustomer"),
    ],
)
def test_customers_are_called_otherwise_but_names_and_values_stay(ours, theirs):
    assert wording("patient", "patients").text(ours) == theirs


def test_the_article_fits_the_word():
    assert wording("attendee", "attendees").text("A customer, a customer") == "An attendee, an attendee"
    assert wording("user", "users").text("a customer. A customer") == "a user. A user"


def test_names_to_code_stay_in_a_specification():
    said = wording("patient", "patients").said
    spec = {"field": "customers", "title": "Customers", "layer": [{"expr": "customers > 1", "text": ["a customer", 3]}]}
    assert said(spec) == {
        "field": "customers",
        "title": "Patients",
        "layer": [{"expr": "customers > 1", "text": ["a patient", 3]}],
    }


def test_on_a_page_texts_and_spoken_labels_change_and_nothing_else():
    markup = (
        '<style>.customers {}</style><p class="customer" aria-label="A customer">Customers &amp; more</p>'
        "<script>customers()</script><code>customers</code><b>customer 7</b>"
    )
    assert wording("patient", "patients & guests").page(markup) == (
        '<style>.customers {}</style><p class="customer" aria-label="A patient">Patients &amp; guests &amp; more</p>'
        "<script>customers()</script><code>customers</code><b>customer 7</b>"
    )


def test_a_chart_changes_only_where_the_words_are_not_ours():
    drawn = alt.Chart(pd.DataFrame({"customers": [1]}), title="Customers").mark_bar().encode(x="customers:Q")
    drawn = drawn.to_dict()
    ours = wording("customer", "customers")
    assert ours.is_ours
    assert ours.chart(drawn) is drawn
    theirs = wording("customer", "clients")
    assert not theirs.is_ours
    spec = theirs.chart(drawn)
    assert spec["title"] == "Clients"
    assert spec["encoding"]["x"]["field"] == "customers"
