"""The page's form, asked for many customers in one go."""

import pandas as pd
from playwright.sync_api import Page

ASK = """
(rows) => rows.map((values) => {
  const form = document.getElementById("classify-form");
  form.querySelectorAll("[name]").forEach((field, i) => { field.value = values[i]; });
  form.requestSubmit();
  const { segmentId, runnerUpSegmentId, margin, distance } = document.querySelector(".answer").dataset;
  const notes = [...document.querySelectorAll(".answer .note")].map((note) => note.textContent);
  return [Number(segmentId), Number(runnerUpSegmentId), Number(margin), Number(distance), notes.join(" ")];
})
"""


def ask(page: Page, rows: list[list[str]]) -> pd.DataFrame:
    """Type each row's values into the form, send it, and return a row per answer."""
    columns = ["segment_id", "runner_up_segment_id", "margin", "distance", "notes"]
    return pd.DataFrame(page.evaluate(ASK, rows), columns=columns)
