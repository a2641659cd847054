"""A machine elsewhere in the world builds the same, and writes down the same times."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from project import PROJECT, Warehouse

# Of a build, not of its customers.
OWN = {"invocation_id", "fit_seconds", "seen_at", "trained_at", "valid_from", "as_of"}


@pytest.mark.long
def test_a_build_in_another_time_zone_and_language_changes_nothing(warehouse, tmp_path):
    own = Warehouse(tmp_path)
    # Where it is tomorrow already, and where the small letter of I is not i.
    elsewhere = {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
    command = [str(Path(sys.executable).with_name("dbt")), "build"]
    built = subprocess.run(
        command,
        cwd=PROJECT,
        env=os.environ | own.environment() | elsewhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout
    tables = own.query("""
        select table_schema || '.' || table_name as name from information_schema.tables
        where table_schema in ('marts', 'reporting', 'clustering', 'features', 'campaigns')
    """)["name"]
    for table in tables:
        before, after = (each.query(f"from {table}") for each in (warehouse, own))
        columns = [column for column in before if column not in OWN]
        before, after = (frame[columns].sort_values(columns, ignore_index=True) for frame in (before, after))
        pd.testing.assert_frame_equal(before, after, obj=table)
    days = own.query("""
        select as_of, cast(trained_at as date) as trained_on
        from marts.segmentations
        inner join clustering.segmentation_models using (segmentation)
    """)
    assert len(days) == 2
    assert (days["as_of"] == days["trained_on"]).all()
    late = own.query("select max(recorded_at) as last from meta.builds")["last"].item()
    assert abs(pd.Timestamp.now("UTC").tz_localize(None) - late) < pd.Timedelta(hours=1)
