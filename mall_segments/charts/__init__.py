"""The charts of the project: tidy frames in, an Altair chart out.

A module per thing that the charts show; every module of this package is imported, so a new one needs no mention here.
The frames come from :func:`mall_segments.frames.read_frames`. Importing the package enables its theme:

>>> import duckdb
>>> from mall_segments import charts, frames
>>> with duckdb.connect("warehouse.duckdb", read_only=True) as connection:  # doctest: +SKIP
...     shown = frames.read_frames(connection)
>>> charts.segmentation_charts(shown, "income_spending")["segment_sizes"]  # doctest: +SKIP
"""

import importlib
import pkgutil

from mall_segments.charts.registry import CHARTS, published_charts, segmentation_charts

for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")

__all__ = ["CHARTS", "published_charts", "segmentation_charts"]
