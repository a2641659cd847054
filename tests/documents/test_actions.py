"""The marketing actions that ship, read as a marketer of another trade would."""

import re

import pandas as pd
from project import PROJECT

# What hardly any trade but a mall has.
MALL_WORDS = (
    "mall|tenants?|shops?|shoppers?|shopping|stores?|parking|car-park|valet|concierge|food[- ](?:court|hall)|"
    "supermarket|pharmacy|cinema|restaurants?|pop-up|kiosk|plates?|in-store|basket|purchases?"
)


def test_actions_for_any_trade_speak_of_no_mall():
    actions = pd.read_csv(PROJECT / "seeds/marketing_actions.csv")
    words = actions.drop(columns=["action_id", "trade"]).astype(str).agg(" ".join, axis=1)
    speaks = words.str.contains(rf"\b(?:{MALL_WORDS})\b", flags=re.IGNORECASE)
    assert actions.loc[speaks & actions["trade"].isna(), "action_id"].tolist() == []
    assert speaks[actions["trade"] == "mall"].mean() > 0.7


def test_what_is_to_change_customers_is_measured_against_a_holdout_or_says_against_what():
    actions = pd.read_csv(PROJECT / "seeds/marketing_actions.csv")
    changing = actions["trade"].isna() & actions["objective"].isin(["grow", "win back"])
    assert actions.loc[changing & ~actions["needs_holdout"], "action_id"].tolist() == []
    assert changing.sum() >= 5


def test_groups_by_rule_are_described_for_any_trade():
    groups = pd.read_csv(PROJECT / "seeds/rfm_groups.csv")
    words = groups[["segment_name", "description"]].agg(" ".join, axis=1)
    speaks = words.str.contains(rf"\b(?:{MALL_WORDS})\b", flags=re.IGNORECASE)
    assert groups.loc[speaks, "segment_name"].tolist() == []
