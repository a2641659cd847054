"""Draw `results.json` as a table in `README.md` and as `speed.svg`."""

import json
import re
from pathlib import Path

import altair as alt
import pandas as pd

FOLDER = Path(__file__).parent
COLUMNS = {
    "customers": "customers",
    "contender": "contender",
    "wall_s": "wall s",
    "cpu_s": "CPU s",
    "peak_gb": "peak GB",
    "cost": "cost over best",
    "publish_s": "publishing s",
    "publish_gb": "publishing GB",
}


def tidy(results: list[dict]) -> pd.DataFrame:
    """One row per size and contender, with `cost`: inertia over the lowest at that size, in percent."""
    frame = pd.DataFrame(results).sort_values(["customers", "wall_s"], ignore_index=True)
    lowest = frame.groupby("customers")["inertia"].transform("min")
    contenders = frame.groupby("customers")["contender"].transform("size")
    return frame.assign(cost=(100 * (frame["inertia"] / lowest - 1)).where(contenders > 1))


def markdown(frame: pd.DataFrame) -> str:
    """The table as Markdown."""
    shown = frame[list(COLUMNS)].rename(columns=COLUMNS).astype(object)
    shown["customers"] = frame["customers"].map("{:,}".format)
    shown["cost over best"] = frame["cost"].map("{:.3f} %".format).where(frame["cost"].notna(), "-")
    shown = shown.fillna("-")
    lines = ["| " + " | ".join(shown.columns) + " |", "|---:|---|---:|---:|---:|---:|---:|---:|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in shown.itertuples(index=False)]
    return "\n".join(lines)


def speed(frame: pd.DataFrame) -> alt.LayerChart:
    """Seconds and peak memory by number of customers, a line per contender, both axes logarithmic."""
    base = (
        alt.Chart(frame)
        .encode(
            alt.X("customers:Q").scale(type="log").title("customers"),
            alt.Color("contender:N").title(None).sort(["this project"]),
        )
        .properties(width=320, height=260)
    )
    seconds = base.mark_line(point=True).encode(alt.Y("wall_s:Q").scale(type="log").title("seconds"))
    memory = base.mark_line(point=True).encode(alt.Y("peak_gb:Q").scale(type="log").title("peak memory, GB"))
    return seconds | memory


def main() -> None:
    """Write the table and the chart."""
    frame = tidy(json.loads((FOLDER / "results.json").read_text()))
    readme = FOLDER / "README.md"
    table = f"<!-- results -->\n{markdown(frame)}\n<!-- end of results -->"
    readme.write_text(re.sub(r"<!-- results -->.*<!-- end of results -->", table, readme.read_text(), flags=re.DOTALL))
    speed(frame).save(FOLDER / "speed.svg")


if __name__ == "__main__":
    main()
