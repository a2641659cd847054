"""The marketing actions that ship, read as a marketer of another trade would."""

import re

import pandas as pd
import words
from project import PROJECT

MALL_WORDS = rf"\b(?:{words.MALL}|{words.SHOP})\b"
TRADES = ["bank", "telecom", "clinic"]


def shipped() -> pd.DataFrame:
    return pd.read_csv(PROJECT / "seeds/marketing_actions.csv")


def texts(actions: pd.DataFrame) -> pd.Series:
    return actions.drop(columns=["action_id", "trade"]).astype(str).agg(" ".join, axis=1)


def test_actions_for_another_trade_speak_of_no_mall():
    actions = shipped()
    speaks = texts(actions).str.contains(MALL_WORDS, flags=re.IGNORECASE)
    assert actions.loc[speaks & (actions["trade"] != "mall"), "action_id"].tolist() == []
    assert speaks[actions["trade"] == "mall"].mean() > 0.7


def test_each_trade_has_actions_of_its_own_for_any_value():
    conditions = pd.read_csv(PROJECT / "seeds/action_conditions.csv")
    own = shipped().merge(conditions.query("feature == 'value'"), on="action_id")
    found = pd.crosstab(own["trade"], own["band"]).reindex(TRADES)
    assert (found[["low", "average", "high"]] >= 2).all(axis=None)


def test_a_clinic_aims_at_no_diagnosis_and_sells_nothing():
    actions = shipped()
    wrong = r"diagnos\w*|disease|depress\w*|diabet\w*|cancer|discount of|voucher|coupon|upgrade|buy\w*|spend\w*"
    speaks = texts(actions).str.contains(rf"\b(?:{wrong})\b", flags=re.IGNORECASE)
    assert actions.loc[speaks & (actions["trade"] == "clinic"), "action_id"].tolist() == []
    assert "grow" not in set(actions.loc[actions["trade"] == "clinic", "objective"])


def test_what_is_to_change_customers_is_measured_against_a_holdout_or_says_against_what():
    actions = shipped()
    changing = actions["trade"].isna() & actions["objective"].isin(["grow", "win back"])
    assert actions.loc[changing & ~actions["needs_holdout"], "action_id"].tolist() == []
    assert changing.sum() >= 5


def test_groups_by_rule_are_described_for_any_trade():
    groups = pd.read_csv(PROJECT / "seeds/rfm_groups.csv")
    speaks = groups[["segment_name", "description"]].agg(" ".join, axis=1).str.contains(MALL_WORDS, flags=re.IGNORECASE)
    assert groups.loc[speaks, "segment_name"].tolist() == []
