"""Lists made for contacting hold nobody who must not be contacted."""

import duckdb
import pandas as pd

from mall_segments.publish import write_audiences, write_segment_lists


def published_file(path, customers: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """A published file of one segment and one running campaign, with what the lists are made of."""
    connection = duckdb.connect(str(path))
    connection.execute("create schema marts; create schema campaigns")
    segments = pd.DataFrame(
        {
            "segmentation": ["only"],
            "segment_id": [1],
            "segment_key": ["only 1"],
            "segment_name": ["All"],
            "nickname": ["All"],
        }
    )
    actions = pd.DataFrame(
        {
            "segmentation": ["only"],
            "segment_id": [1],
            "priority": [1],
            "objective": ["grow"],
            "action": ["Letter"],
            "channel": ["post"],
            "offer": ["none"],
            "kpi": ["replies"],
            "cadence": ["once"],
        }
    )
    audiences = customers.assign(
        campaign="letter",
        segment_name="All",
        arm=["treatment", "hold-out"] * (len(customers) // 2),
        action="Letter",
        starts_on=pd.Timestamp("2026-03-01"),
        ends_on=pd.Timestamp("2026-03-31"),
        status="running",
        is_listed=customers["may_contact"],
        is_simulated=False,
    )
    segmentations = pd.DataFrame({"segmentation": ["only"], "position": [1]})
    tables = {
        "marts.segmentations": segmentations,
        "marts.segments": segments,
        "marts.segment_marketing_actions": actions,
        "marts.customers": customers.assign(only_segment_id=1),
        "marts.customer_segments": customers[["customer_id"]].assign(segment_key="only 1", margin=0.5, reason="Alone."),
        "campaigns.campaign_audiences": audiences,
    }
    for name, rows in tables.items():
        connection.register("written", rows)
        connection.execute(f"create table {name} as select * from written")
    return connection


def test_no_file_made_for_contacting_holds_a_byte_of_those_without_consent(tmp_path):
    customers = pd.DataFrame(
        {
            "customer_id": [f"{'agreed' if place % 4 < 2 else 'refused'}-{place}" for place in range(40)],
            "may_contact": [place % 4 < 2 for place in range(40)],
        }
    )
    with published_file(tmp_path / "published.duckdb", customers) as published:
        write_segment_lists(published, tmp_path / "segments")
        write_audiences(published, tmp_path / "audiences")
    files = [*tmp_path.glob("segments/*/*.csv"), *tmp_path.glob("audiences/*.csv")]
    assert len(files) == 3
    written = b"".join(file.read_bytes() for file in files)
    assert b"refused" not in written
    assert written.count(b"agreed-") == 2 * 20


def test_the_holdout_is_in_a_file_of_its_own_that_says_so(tmp_path):
    customers = pd.DataFrame({"customer_id": [f"c{place}" for place in range(10)], "may_contact": True})
    with published_file(tmp_path / "published.duckdb", customers) as published:
        write_audiences(published, tmp_path / "audiences")
    contacted = pd.read_csv(tmp_path / "audiences" / "letter.csv")
    held_out = pd.read_csv(tmp_path / "audiences" / "letter.hold-out-do-not-contact.csv")
    assert set(contacted["arm"]) == {"treatment"}
    assert set(held_out["arm"]) == {"hold-out"}
    assert not set(contacted["customer_id"]) & set(held_out["customer_id"])
    assert len(contacted) + len(held_out) == 10


def test_each_campaign_that_has_not_ended_has_files_of_its_own(tmp_path):
    customers = pd.DataFrame({"customer_id": [f"c{place}" for place in range(10)], "may_contact": True})
    with published_file(tmp_path / "published.duckdb", customers) as published:
        for campaign, status in (("Letter!", "planned"), ("former", "ended")):
            published.execute(
                "insert into campaigns.campaign_audiences select * replace (? as campaign, ? as status) "
                "from campaigns.campaign_audiences where campaign = 'letter'",
                [campaign, status],
            )
        write_audiences(published, tmp_path / "audiences")
    contacted = {file.name: set(pd.read_csv(file)["campaign"]) for file in (tmp_path / "audiences").iterdir()}
    assert contacted == {
        "letter.csv": {"Letter!"},
        "letter.hold-out-do-not-contact.csv": {"Letter!"},
        "letter-2.csv": {"letter"},
        "letter-2.hold-out-do-not-contact.csv": {"letter"},
    }
