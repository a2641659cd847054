"""What the page of the mall data is drawn from, and the page, for every test of it."""

import duckdb
import pandas as pd
import pytest

from mall_segments.frames import read_frames
from mall_segments.page import dashboard_html


@pytest.fixture(scope="module")
def frames(warehouse) -> dict[str, pd.DataFrame]:
    """What the warehouse has to draw."""
    with duckdb.connect(str(warehouse.path), read_only=True) as connection:
        return read_frames(connection)


@pytest.fixture(scope="module")
def html(frames) -> str:
    """The page."""
    return dashboard_html(frames)
