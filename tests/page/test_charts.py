"""What the charts encode, held against figures computed without them."""

import itertools
import json
import math
import re
import warnings

import altair as alt
import duckdb
import numpy as np
import pandas as pd
import pytest
import vl_convert
from project import PROJECT, further
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

from mall_segments import charts
from mall_segments.charts.campaigns import campaign_detectable_uplifts, campaign_uplifts
from mall_segments.charts.counts import cluster_count_scores
from mall_segments.charts.customers import feature_distribution, raw_scatter
from mall_segments.charts.flows import laid_out, segment_flows, stepwise_flows
from mall_segments.charts.neighbors import segment_borders, segment_upgrades
from mall_segments.charts.profiles import _figure, category_by_segment, profile_heatmap
from mall_segments.charts.segments import silhouette_plot
from mall_segments.charts.theme import DARK, LIGHT, in_unit, with_unit
from mall_segments.charts.trust import algorithm_scores, segment_migrations
from mall_segments.colors import SEGMENT_COLORS, segment_colors
from mall_segments.frames import read_frames, with_names_and_colors
from mall_segments.numbers import written


def frames_of(built) -> dict[str, pd.DataFrame]:
    with duckdb.connect(str(built.path), read_only=True) as connection:
        return read_frames(connection)


@pytest.fixture(scope="module")
def frames(warehouse):
    return frames_of(warehouse)


@pytest.fixture(scope="module")
def mall() -> pd.DataFrame:
    """The seed as any reader of the CSV sees it."""
    raw = pd.read_csv(PROJECT / "seeds/mall_customers.csv", dtype={"CustomerID": str})
    return raw.set_axis(["customer_id", "gender", "age", "annual_income_k", "spending_score"], axis=1)


def own(frames: dict[str, pd.DataFrame], name: str, segmentation: str = "income_spending") -> pd.DataFrame:
    frame = frames[name]
    return frame[frame["segmentation"] == segmentation]


def walk(node):
    """Yield every object of a specification."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def marks(spec: dict, kind: str) -> list[dict]:
    return [view for view in walk(spec) if isinstance(view.get("mark"), dict) and view["mark"].get("type") == kind]


def test_every_chart_that_is_promised_is_published(frames):
    per_segmentation = {
        "elbow",
        "cluster_count_scores",
        "segment_map",
        "silhouette_plot",
        "segment_sizes",
        "profile_heatmap",
        "segments_by_feature",
        "age_by_segment",
        "gender_by_segment",
        "algorithm_scores",
        "segment_upgrades",
        "segment_borders",
    }
    names = {
        f"{segmentation}_{chart}" for segmentation in ("income_spending", "demographic") for chart in per_segmentation
    }
    assert set(charts.published_charts(frames)) == names | {
        "feature_distributions",
        "raw_scatter",
        "income_spending_campaign_uplifts",
        "income_spending_campaign_detectable_uplifts",
    }


@pytest.mark.parametrize("theme", ["mall_segments", *further("mall_segments_dark")])
def test_every_chart_renders_without_a_warning(frames, theme, capfd):
    with alt.theme.enable(theme), warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, chart in charts.published_charts(frames).items():
            picture = vl_convert.vegalite_to_png(chart.to_json())
            assert picture.startswith(b"\x89PNG"), name
            assert len(picture) > 5000, name
            assert chart.to_dict()["description"], name
    assert "WARN" not in "".join(capfd.readouterr())


def test_the_chosen_number_of_segments_is_marked(frames, warehouse):
    chosen = warehouse.query("select n_clusters from clustering.cluster_counts where segmentation = 'demographic'")
    spec = charts.segmentation_charts(frames, "demographic")["elbow"].to_dict()
    (rows,) = spec["datasets"].values()
    marked = [row["n_clusters"] for row in rows if row["role"] == "chosen"]
    assert marked == chosen["n_clusters"].tolist()
    (rule,) = marks(spec, "rule")
    assert rule["transform"] == [{"filter": "datum.role === 'chosen'"}]
    assert rule["encoding"]["x"]["field"] == "n_clusters"
    (line,) = marks(spec, "line")
    assert (line["encoding"]["x"]["field"], line["encoding"]["y"]["title"].split(":")[0]) == ("n_clusters", "Inertia")


def test_a_criterion_that_votes_for_another_number_gets_a_diamond(frames):
    votes = pd.DataFrame({"criterion": ["elbow", "silhouette", "gap"], "vote": [7, 6, 4]})
    segmentation = own(frames, "segmentations", "demographic").reset_index(drop=True)
    assert segmentation["n_clusters"].tolist() == [4]
    chart = cluster_count_scores(own(frames, "cluster_count_curves", "demographic"), votes, segmentation)
    silhouette, gap, *_ = chart.to_dict()["concat"]
    (diamond,) = [view for view in marks(silhouette, "point") if view["mark"].get("shape") == "diamond"]
    assert diamond["transform"] == [{"filter": '(datum.role === "this criterion\'s vote")'}]
    (rows,) = [rows for name, rows in chart.to_dict()["datasets"].items() if name == silhouette["data"]["name"]]
    assert [row["n_clusters"] for row in rows if row["role"] == "this criterion's vote"] == [6]
    assert [view["mark"].get("shape") for view in marks(gap, "point")].count("diamond") == 0


def test_a_segment_keeps_its_color_in_every_chart(frames):
    colors: dict[str, set] = {}
    for segmentation in frames["segmentations"]["segmentation"]:
        names = set(own(frames, "segments", segmentation)["nickname"])
        for chart in charts.segmentation_charts(frames, segmentation).values():
            for node in walk(chart.to_dict()):
                scale = node.get("scale") or {}
                if node.get("field") == "segment" and str(scale.get("range", [""])[0]).startswith("#"):
                    assert set(scale["domain"]) == names
                    for name, color in zip(scale["domain"], scale["range"], strict=True):
                        colors.setdefault(name, set()).add(color)
    # Five of income_spending and four of demographic, whose names say an age as well.
    assert len(colors) == 9
    assert all(len(each) == 1 for each in colors.values())
    for segmentation in frames["segmentations"]["segmentation"]:
        assert own(frames, "segments", segmentation)["color"].is_unique


def test_colors_follow_segment_numbers_not_names_or_order():
    before = pd.DataFrame({"segmentation": "s", "segment_id": [1, 2, 3], "base_name": ["a", "b", "c"]})
    after = pd.DataFrame({"segmentation": "s", "segment_id": [3, 1, 4], "base_name": ["renamed", "a", "new"]})
    colors = segment_colors(before, ["s"])
    recolored = segment_colors(after, ["s"])
    assert recolored[0] == colors[2]
    assert recolored[1] == colors[0]
    assert recolored.is_unique


def test_a_color_stands_for_one_kind_of_segment_in_all_views():
    rows = [
        *(("first", 1, "core"), ("first", 2, "vip"), ("first", 3, "rest")),
        *(("other", 1, "vip"), ("other", 2, "new"), ("other", 3, "vip"), ("other", 4, "core")),
    ]
    segments = pd.DataFrame(rows, columns=["segmentation", "segment_id", "base_name"])
    colors = segment_colors(segments, ["first", "other"]).set_axis(pd.MultiIndex.from_frame(segments.iloc[:, :2]))
    assert colors["first"].is_unique
    assert colors["other"].is_unique
    assert colors["other", 1] == colors["first", 2]
    assert colors["other", 4] == colors["first", 1]
    assert not {colors["other", 2], colors["other", 3]} & set(colors["first"])


def test_every_chart_calls_segments_what_their_cards_call_them(frames):
    full_names = [
        name for name in frames["segments"]["segment_name"] if name not in set(frames["segments"]["nickname"])
    ]
    assert len(full_names) == 9
    for name, chart in charts.published_charts(frames).items():
        drawn = json.dumps(chart.to_dict())
        assert [full for full in full_names if full in drawn] == [], name


def test_rows_of_many_segments_and_of_one_that_is_no_more_keep_their_names():
    frames = {
        "segmentations": pd.DataFrame({"segmentation": ["s"]}),
        "segments": pd.DataFrame(
            [("s", 1, "High all", "VIP", "High all"), ("s", 2, "Low all", "Rest", "Low all")],
            columns=["segmentation", "segment_id", "segment_name", "nickname", "base_name"],
        ),
        "campaign_results": pd.DataFrame(
            [("s", 2, "Low all"), ("s", np.nan, "all segments"), ("s", 7, "segment 7")],
            columns=["segmentation", "segment_id", "segment_name"],
        ),
        "segment_migrations": pd.DataFrame(
            [
                ("s", 2.0, 1.0, "Low all", "High all"),
                ("s", np.nan, 2.0, None, "Low all"),
                ("s", 7.0, 1.0, None, "High all"),
            ],
            columns=["segmentation", "from_segment_id", "to_segment_id", "from_segment_name", "to_segment_name"],
        ),
    }
    shown = with_names_and_colors(frames)
    assert shown["segments"]["segment"].tolist() == ["VIP", "Rest"]
    assert shown["campaign_results"]["segment"].tolist() == ["Rest", "all segments", "segment 7"]
    assert shown["campaign_results"]["color"].dropna().tolist() == [SEGMENT_COLORS[1]]
    moves = shown["segment_migrations"]
    assert moves[["from_segment", "to_segment"]].fillna("").to_numpy().tolist() == [
        ["Rest", "VIP"],
        ["", "Rest"],
        ["", "VIP"],
    ]


def linear(colors: list[str]) -> np.ndarray:
    channels = np.array([[int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)] for color in colors])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Bjorn Ottosson's perceptual color space, in hundredths."""
    lms = np.cbrt(
        rgb
        @ np.array(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ]
        ).T
    )
    return (
        100
        * lms
        @ np.array(
            [
                [0.2104542553, 1.9779984951, 0.0259040371],
                [0.7936177850, -2.4285922050, 0.7827717662],
                [-0.0040720468, 0.4505937099, -0.8086757660],
            ]
        )
    )


# Full dichromacy after Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency" (2009), in linear light.
SIGHT = {
    "full": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("sight", SIGHT)
def test_segment_colors_stay_apart_for_color_blind_readers(sight):
    seen = oklab(np.clip(linear(SEGMENT_COLORS) @ np.array(SIGHT[sight]).T, 0, 1))
    apart = cdist(seen, seen) + 1e9 * np.eye(len(seen))
    assert apart[:6, :6].min() > 8
    assert apart.min() > 5


@pytest.mark.parametrize("surface", [LIGHT["surface"], DARK["surface"]])
def test_segment_colors_stand_out_from_light_and_dark_pages(surface):
    luminance = linear([*SEGMENT_COLORS, surface]) @ [0.2126, 0.7152, 0.0722]
    lighter, darker = np.maximum(luminance[:-1], luminance[-1]), np.minimum(luminance[:-1], luminance[-1])
    assert ((lighter + 0.05) / (darker + 0.05)).min() >= 2.9


def test_histograms_count_the_customers_of_the_seed(frames, mall):
    for feature in ("age", "annual_income_k", "spending_score"):
        bins = frames["feature_histograms"].query("feature == @feature")
        for row in bins.itertuples():
            inside = mall[(mall[feature] >= row.bin_start) & (mall[feature] < row.bin_end)]
            assert (inside["gender"] == row.customer_group).sum() == row.customers
        assert bins["customers"].sum() == 200


def test_distribution_outlines_fall_to_zero_where_nobody_is(frames):
    statistics = frames["feature_figures"]
    spec = feature_distribution(frames["feature_histograms"], statistics, "spending_per_income").to_dict()
    outline = pd.DataFrame(next(iter(spec["datasets"].values())))
    steps = outline.groupby("customer_group")["value"].apply(lambda values: np.diff(values).round(9).tolist())
    assert all(len(set(each)) == 1 for each in steps)
    assert outline.groupby("customer_group")["customers"].sum().to_dict() == {"Female": 112, "Male": 88}
    assert (outline.groupby("customer_group")["customers"].agg(["first", "last"]) == 0).all(axis=None)


def test_silhouettes_are_those_of_the_raw_data(frames, mall):
    points = mall[["annual_income_k", "spending_score"]].to_numpy(float)
    scale = points.std(axis=0)
    centers = (
        own(frames, "profile_cells")
        .dropna(subset=["center"])
        .pivot(index="segment_id", columns="feature", values="center")
    )
    nearest = np.sort(cdist(points / scale, centers[["annual_income_k", "spending_score"]] / scale), axis=1)
    expected = 1 - nearest[:, 0] / nearest[:, 1]
    margins = own(frames, "segment_margins")
    drawn = np.repeat(margins["margin"], margins["customers"]).sort_values()
    assert drawn.to_numpy() == pytest.approx(np.sort(expected), abs=0.0051)

    blades = pd.DataFrame(
        next(
            rows
            for rows in silhouette_plot(margins).to_dict()["datasets"].values()
            if "bottom" in rows[0] and "customers" in rows[0]
        )
    )
    assert (blades["top"] - blades["bottom"]).to_numpy() == pytest.approx(blades["customers"])
    ordered = blades.sort_values("bottom")
    assert (ordered["bottom"].to_numpy()[1:] >= ordered["top"].to_numpy()[:-1] - 1e-9).all()
    for _, blade in ordered.groupby("segment"):
        assert blade["margin"].is_monotonic_decreasing


def bars_of(chart: alt.LayerChart) -> list[dict]:
    return next(rows for rows in chart.to_dict()["datasets"].values() if "path" in rows[0])


def test_who_could_move_up_is_counted_with_the_change_it_takes(frames, warehouse):
    upgrades = warehouse.query("from marts.upgrade_candidates where segmentation = 'income_spending' and nearness = 1")
    names = own(frames, "segments").set_index("segment_id")["segment"]
    pairs = upgrades.groupby(["segment_id", "target_segment_id"])["change"].agg(["size", "mean"])
    expected = {
        f"{names[own_id]}\n→ {names[target]}": f"{row['size']:.0f}\nspending score\n+{row['mean']:.0f} points"
        for (own_id, target), row in pairs.iterrows()
    }
    chart = segment_upgrades(own(frames, "segment_upgrades"), frames["feature_figures"], own(frames, "segments"))
    bars = bars_of(chart)
    assert {bar["path"]: bar["text"] for bar in bars} == expected
    assert [bar["customers"] for bar in bars] == sorted(pairs["size"], reverse=True)
    said = f"from {bars[0]['segment']}, 40 to {bars[0]['other']}: spending score +25 points on average"
    assert said in chart.description


def test_counts_of_who_could_move_up_are_said_to_be_estimates_where_they_are(frames):
    upgrades = own(frames, "segment_upgrades").assign(customers=123_456, is_estimate=True)
    chart = segment_upgrades(upgrades, frames["feature_figures"], own(frames, "segments"))
    assert "about 120,000 to VIP" in chart.description
    assert chart.title.subtitle.endswith("Estimated from some of the customers.")


def test_a_pair_that_comes_again_and_less_of_a_figure_have_rows_of_their_own(frames):
    upgrades = own(frames, "segment_upgrades").head(1)
    less = pd.concat([upgrades, upgrades.assign(feature="age", mean_change=-3.2, customers=2)])
    bars = bars_of(segment_upgrades(less, frames["feature_figures"], own(frames, "segments")))
    assert [bar["path"].rstrip("\n") for bar in bars] == [bars[0]["path"]] * 2
    assert bars[0]["path"] != bars[1]["path"]
    assert bars[1]["text"] == "2\nage\n−3.2 years"  # noqa: RUF001


def test_customers_near_a_border_are_those_of_the_marts(frames, warehouse):
    near = warehouse.query("""
        select segment_id, runner_up_segment_id, count(*) as customers from marts.customer_segments
        where segmentation = 'income_spending' and is_boundary
        group by all
    """)
    segments = own(frames, "segments").set_index("segment_id")
    expected = {
        f"{segments['segment'][row.segment_id]}\n→ {segments['segment'][row.runner_up_segment_id]}": (
            f"{row.customers}\n{math.floor(100 * row.customers / segments['customers'][row.segment_id] + 0.5)}%"
        )
        for row in near.itertuples()
    }
    chart = segment_borders(own(frames, "segment_borders"), own(frames, "segments"))
    assert {bar["path"]: bar["text"] for bar in bars_of(chart)} == expected
    assert chart.title.subtitle.startswith(f"{near['customers'].sum()} of 200")


def test_spreads_and_mixes_are_those_of_the_customers(frames, warehouse):
    customers = warehouse.query("select * from marts.customers")
    for row in frames["segment_quantiles"].itertuples():
        values = customers.loc[customers[f"{row.segmentation}_segment_id"] == row.segment_id, row.feature]
        expected = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
        assert [row.p05, row.p25, row.p50, row.p75, row.p95] == pytest.approx(expected)
    for row in frames["segment_categories"].itertuples():
        members = customers[customers[f"{row.segmentation}_segment_id"] == row.segment_id]
        assert (members[row.category] == row.value).sum() == row.customers


def test_heatmap_shows_standard_deviations_from_the_mean(frames, warehouse):
    customers = warehouse.query("select * from marts.customers")
    names = own(frames, "segments").set_index("nickname")["segment_id"]
    spec = profile_heatmap(own(frames, "profile_cells")).to_dict()
    labels = frames["feature_figures"].set_index("label")["feature"]
    rows = next(rows for rows in spec["datasets"].values() if "z_score" in rows[0])
    assert len(rows) == 25
    for row in rows:
        values = customers[labels[row["label"]]]
        mean = values[customers["income_spending_segment_id"] == names[row["segment"]]].mean()
        assert row["z_score"] == pytest.approx((mean - values.mean()) / values.std(ddof=0))
    (cells,) = marks(spec, "rect")
    assert cells["encoding"]["fillOpacity"]["field"] == "strength"


def test_many_features_stand_in_rows_with_the_segments_side_by_side():
    cells = pd.DataFrame(
        [
            (
                f"High {segment}, low other",
                segment,
                f"feature {feature}",
                "k$",
                feature,
                10.0 * feature,
                segment - feature,
            )
            for segment in (1, 2, 3)
            for feature in range(1, 18)
        ],
        columns=["segment", "value_rank", "label", "unit", "feature_order", "mean", "z_score"],
    )
    for features, axis in ((17, "y"), (7, "y"), (6, "x")):
        shown = cells[cells["feature_order"] <= features]
        spec = profile_heatmap(shown).to_dict()
        layer = spec["layer"][0]
        assert layer["mark"]["type"] == "rect"
        assert [label.replace("\n", " ").strip("\u00a0 ") for label in layer["encoding"][axis]["sort"]] == [
            f"feature {feature}" for feature in range(1, features + 1)
        ]
        drawn = next(iter(spec["datasets"].values()))
        assert [row["z_score"] for row in drawn] == shown["z_score"].tolist()
        assert vl_convert.vegalite_to_svg(spec).count("High") >= 3


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(1027.3, 3, "1,030"), (1027.3, 4, "1,027"), (3709.15, 6, "3,709.15"), (28.20, 3, "28.2"), (0, 3, "0"),
     (-0.00123, 2, "-0.0012"), (1.5e7, 3, "15,000,000")],
)  # fmt: skip
def test_figures_are_written_without_exponents(value, digits, text):
    assert written(value, digits) == text


def test_units_are_said_once_and_in_english():
    assert with_unit("Savings", "k€") == "Savings (k€)"
    assert with_unit("Days since joining", "days") == "Days since joining"
    assert with_unit("Purchases", "") == "Purchases"
    figures = pd.DataFrame({"feature": ["a", "b", "c"], "unit": ["k€", "per month", ""]})
    assert [in_unit(figures, feature) for feature in "abc"] == ["In k€.", "Per month.", ""]


def test_segment_map_places_centres_at_the_means_and_highlights_one_segment(frames, mall, warehouse):
    chart = charts.segmentation_charts(frames, "income_spending")["segment_map"]
    spec = chart.to_dict()
    (highlight,) = spec["params"]
    assert highlight["bind"]["input"] == "select"
    assert highlight["bind"]["options"][1:] == own(frames, "segments")["nickname"].tolist()
    for view in marks(spec, "point"):
        (condition,) = view["encoding"]["opacity"]["condition"]
        assert condition["test"] == "highlight === null || datum.segment === highlight"
    dots, centers = sorted(spec["datasets"].values(), key=len, reverse=True)
    assert len(dots) == 200
    assigned = mall.merge(
        warehouse.query("select customer_id, income_spending_nickname as nickname from marts.customers")
    )
    means = assigned.groupby("nickname")[["annual_income_k", "spending_score"]].mean()
    for center in centers:
        assert [center["annual_income_k"], center["spending_score"]] == pytest.approx(means.loc[center["segment"]])


def test_more_than_two_features_are_drawn_over_their_principal_components(frames, mall):
    """Age, income, score and gender of half the weight, as scikit-learn projects them from the seed."""
    is_woman = (mall["gender"] == "Female").to_numpy(float)
    numbers = mall[["age", "annual_income_k", "spending_score"]].to_numpy(float)
    # Two customers drawn at random lie as far apart in the category as in a number.
    spread = np.sqrt(2 * is_woman.var())
    scaled = np.column_stack([numbers / numbers.std(axis=0), 0.5 * is_woman / spread, 0.5 * (1 - is_woman) / spread])
    truth = PCA(2).fit(scaled)
    expected = pd.DataFrame(truth.transform(scaled), index=mall["customer_id"], columns=["x", "y"])

    spec = charts.segmentation_charts(frames, "demographic")["segment_map"].to_dict()
    dots, centers = sorted(spec["datasets"].values(), key=len, reverse=True)
    drawn = pd.DataFrame(dots).set_index("customer_id")
    assert len(drawn) == 200
    sides = np.sign((drawn[["x", "y"]] * expected.loc[drawn.index]).sum())
    assert drawn[["x", "y"]].to_numpy() == pytest.approx((expected.loc[drawn.index] * sides).to_numpy(), abs=1e-6)
    # The model's centers are the means of their customers, so they lie in the middle of them.
    middles = drawn.groupby("segment")[["x", "y"]].mean()
    for center in centers:
        assert [center["x"], center["y"]] == pytest.approx(middles.loc[center["segment"]], abs=0.02)
    first, second = (f"{share:.0%}" for share in truth.explained_variance_ratio_)
    assert " ".join(spec["title"]["subtitle"]).endswith(
        f"Right: higher age, lower spending score ({first} of how customers differ). "
        f"Up: higher annual income ({second})."
    )
    told = {each["field"] for view in marks(spec, "point") for each in view["encoding"]["tooltip"]}
    assert {"age", "annual_income_k", "spending_score", "customer_id", "segment"} <= told
    axes = {view["encoding"][side]["title"] for view in marks(spec, "point") for side in ("x", "y")}
    assert axes == {"Higher age →", "Higher annual income →"}


def test_algorithms_are_listed_best_silhouette_first_with_what_they_found(frames):
    scores = own(frames, "algorithm_comparison")
    spec = algorithm_scores(scores).to_dict()
    rows = next(iter(spec["datasets"].values()))
    assert [row["algorithm"] for row in rows] == scores.sort_values("silhouette", ascending=False)["algorithm"].tolist()
    by_name = {row["algorithm"]: row["text"] for row in rows}
    assert by_name["K-Means"] == "5 groups\nagreement 1.00"
    assert "noise" in by_name["DBSCAN"]


def test_moves_are_counted_by_segments_and_told_apart_by_cause():
    migrations = pd.DataFrame(
        {
            "from_segment_id": [1, 1, 2, 2, np.nan, 1],
            "from_segment": ["Low", "Low", "High", "High", None, "Low"],
            "to_segment_id": [2, 2, 7, 1, 2, np.nan],
            "to_segment": ["High", "High", None, "Low", "High", None],
            "cause": [
                *("customer changed", "model changed", "model changed", "customer changed"),
                *("customer joined", "customer left"),
            ],
            "customers": [5, 2, 1, 9, 4, 3],
            "build_number": [3, 3, 3, 2, 3, 3],
            # The clock was set back between the builds.
            "moved_at": pd.to_datetime([*["2026-01-01"] * 3, "2026-01-06", *["2026-01-01"] * 2]),
        }
    )
    spec = segment_migrations(migrations).to_dict()
    (bars,) = marks(spec, "bar")
    rows = {(row["move"], row["cause"]): row["customers"] for row in spec["datasets"][bars["data"]["name"]]}
    assert rows == {
        ("Low\n→ High", "own figures changed"): 5,
        ("Low\n→ High", "the model changed"): 2,
        ("joined\n→ High", "joined"): 4,
        ("Low\n→ left", "left"): 3,
        ("High\n→ a former segment", "the model changed"): 1,
    }
    assert bars["encoding"]["color"]["field"] == "cause"
    assert bars["encoding"]["y"]["sort"] == [
        *("Low\n→ High", "joined\n→ High", "Low\n→ left", "High\n→ a former segment"),
    ]
    assert vl_convert.vegalite_to_png(spec)


@pytest.fixture
def walks() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Customers who move at random, as the charts read it: moves and segments of today; and where each was when."""
    rng = np.random.default_rng(5)
    # The clock was set back once.
    days = pd.to_datetime(["2026-01-31", "2026-03-31", "2026-02-28", "2026-04-30"])
    where = pd.DataFrame(rng.choice([1, 2, 3, 4, np.nan], (200, 4), p=[0.3, 0.3, 0.2, 0.1, 0.1]), columns=days)
    where[days[-1]] = where[days[-1]].replace(4, 1)  # a segment that is no more
    moves = []
    for build, (before, after) in enumerate(itertools.pairwise(days), start=2):
        pairs = where[[before, after]].set_axis(["from_segment_id", "to_segment_id"], axis=1)
        moved = pairs[pairs.nunique(axis=1, dropna=False) == 2]
        # Counted by cause as well, of which a move may have several.
        causes = moved.assign(cause=rng.choice(["customer changed", "model changed"], len(moved)))
        counted = causes.value_counts(dropna=False).rename("customers").reset_index()
        moves.append(counted.assign(build_number=build, moved_at=after))
    segments = pd.DataFrame(
        {"segment_id": [1, 2, 3], "segment": ["A", "B", "C"], "value_rank": [2, 1, 3], "color": SEGMENT_COLORS[:3]}
    )
    segments["customers"] = segments["segment_id"].map(where[days[-1]].value_counts())
    return pd.concat(moves, ignore_index=True), segments, where


def test_flows_are_those_of_every_customer(walks):
    moves, segments, where = walks
    flows = stepwise_flows(moves, segments).set_index(["moved_at", "from", "to"])["customers"].to_dict()
    names = {1.0: "A", 2.0: "B", 3.0: "C", 4.0: "a former segment"}
    expected = {}
    for before, after in itertools.pairwise(where.columns):
        for left, right in where[[before, after]].itertuples(index=False):
            if pd.notna(left) or pd.notna(right):
                key = (after, names.get(left, "joined"), names.get(right, "left"))
                expected[key] = expected.get(key, 0) + 1
    assert flows == expected


def test_bands_fill_the_stacks_that_they_lead_between(walks):
    moves, segments, _ = walks
    bands, blocks = laid_out(stepwise_flows(moves, segments), ["B", "A", "C", "a former segment", "joined", "left"])
    assert blocks.groupby("step")["segment"].agg(list).loc[3] == ["A", "B", "C", "left"]
    for (step, name), block in blocks.set_index(["step", "segment"]).iterrows():
        for end, own in ((step + 0.04, "segment"), (step - 0.04, "to")):
            ends = bands[np.isclose(bands["x"], end) & (bands[own] == name)].sort_values("top")
            if len(ends):
                assert ends["top"].iloc[0] == pytest.approx(block["top"])
                assert ends["bottom"].iloc[-1] == pytest.approx(block["bottom"])
                np.testing.assert_allclose(ends["top"].to_numpy()[1:], ends["bottom"].to_numpy()[:-1])
    spec = segment_flows(moves, segments).to_dict()
    assert vl_convert.vegalite_to_png(spec)
    assert "Last: A to A" in spec["description"]
    axes = {view["encoding"]["x"].get("axis", {}).get("labelExpr") for view in marks(spec, "area")}
    assert axes == {"['before', '2026-03-31', '2026-02-28', '2026-04-30'][datum.value]"}


def test_flows_into_many_small_segments_are_drawn_without_names_and_without_a_warning(capfd):
    segments = pd.DataFrame({"segment_id": range(1, 31), "value_rank": range(1, 31), "customers": 10})
    segments = segments.assign(segment=[f"No. {number}" for number in range(1, 31)], color=SEGMENT_COLORS[0])
    moves = pd.DataFrame(
        {"build_number": 2, "moved_at": pd.Timestamp("2026-01-31"), "from_segment_id": [1.0], "to_segment_id": [2.0]}
    )
    spec = segment_flows(moves.assign(customers=3), segments).to_dict()
    assert marks(spec, "text") == []
    assert vl_convert.vegalite_to_svg(spec)
    assert "WARN" not in "".join(capfd.readouterr())
    assert len(marks(segment_flows(moves.assign(customers=3), segments.head(5)).to_dict(), "text")) == 1


@pytest.mark.parametrize(
    ("y", "finding"),
    [
        ([1, 2, 3, 4], "The correlation is 1.00, so the two move together."),
        ([4, 3, 2, 1], "The correlation is -1.00, so the two move against each other."),
        ([1, 4, 1, 4], "The correlation is 0.45, so the two move together."),
        ([4, 1, 1, 4], "The correlation is 0.00, so the two hardly move together."),
        ([2, 2, 2, 2], ""),
    ],
)
def test_two_features_are_said_to_move_together_or_not(y, finding):
    points = pd.DataFrame({"point": range(4), "customer_id": list("abcd"), "x": [1, 2, 3, 4], "y": y})
    long = points.melt(id_vars=["point", "customer_id"], var_name="feature")
    figures = pd.DataFrame({"feature": ["x", "y"], "label": ["age", "income"], "unit": ["years", ""]})
    chart = raw_scatter(long, figures, pd.DataFrame({"x_feature": ["x"], "y_feature": ["y"]}))
    assert chart.title.text == "Income against age"
    assert chart.title.subtitle == f"Each dot is a customer. {finding}".strip()


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(1234.5, "k$", "1,234 k$"), (-100, "", "-100"), (99.96, "years", "100.0 years"), (10, "%", "10.0 %"),
     (9.994, "", "9.99"), (-0.5, "a month", "-0.50 a month"), (1.5, "per month", "1.50")],
)  # fmt: skip
def test_a_mean_has_three_digits_and_a_unit_that_is_short(value, unit, text):
    assert _figure(value, "income", unit) == text


def test_a_share_is_read_in_percent():
    assert _figure(0.538, "share of women", "") == "54%"
    assert _figure(0.538, "share of women", "points") == "0.54 points"


def test_mixes_stack_to_the_whole_with_the_rest_last():
    rows = [("A", 1, "web", 30), ("A", 1, "other", 50), ("A", 1, "shop", 15), ("A", 1, "not stated", 5)]
    rows += [("B", 2, "shop", 3), ("B", 2, "other", 1)]
    categories = pd.DataFrame(rows, columns=["segment", "value_rank", "value", "customers"])
    spec = category_by_segment(categories.assign(category="sales_channel"), "sales_channel").to_dict()
    drawn = pd.DataFrame(next(iter(spec["datasets"].values())))
    assert drawn["value"].tolist() == ["shop", "web", "not stated", "other", "shop", "other"]
    assert drawn["end"].tolist() == pytest.approx([0.15, 0.45, 0.5, 1, 0.75, 1])
    assert drawn["start"].tolist() == pytest.approx([0, 0.15, 0.45, 0.5, 0, 0.75])
    assert drawn["middle"].tolist() == pytest.approx(((drawn["start"] + drawn["end"]) / 2).tolist())
    assert drawn["percent"].tolist() == ["15%", "30%", "5%", "50%", "75%", "25%"]
    assert spec["title"]["text"] == "Sales channel mix by segment"


def test_each_algorithm_is_told_with_its_groups_noise_and_likeness():
    comparison = pd.DataFrame(
        [
            ("Ward", 1, 0.0, np.nan, 0.5, True),
            ("DBSCAN", 4, 0.126, -0.2, 0.756, True),
            ("Mixture", 3, 0, 0.4, 0, False),
        ],
        columns=["algorithm", "clusters", "noise_share", "silhouette", "agreement_with_champion", "is_finding"],
    ).assign(reading="So.")
    spec = algorithm_scores(comparison).to_dict()
    rows = next(iter(spec["datasets"].values()))
    assert [row["text"] for row in rows] == [
        "1 group\nagreement 0.50",
        "4 groups\n13% noise\nagreement 0.76",
        "3 groups\nno finding",
    ]
    # Words begin where the bar ends, or at 0 where there is none or it points the other way.
    assert [row["start"] for row in rows] == [0, 0, 0.4]
    (bars,) = marks(spec, "bar")
    assert bars["encoding"]["x"]["scale"]["domain"] == pytest.approx([-0.2, 3.2 * 0.4])


def test_campaigns_are_drawn_in_points_and_running_ones_with_the_interval_for_looking_early():
    columns = ["campaign", "segment", "status", "uplift", "uplift_low", "uplift_high", "anytime_low"]
    results = pd.DataFrame(
        [
            ("big_spring", "All", "ended", 0.05, 0.01, 0.09, -0.02, 0.12),
            ("next_one", "All", "running", 0.04, 0.00, 0.08, -0.05, 0.13),
            ("later", "All", "planned", np.nan, np.nan, np.nan, np.nan, np.nan),
        ],
        columns=[*columns, "anytime_high"],
    ).assign(verdict="worked", reading="It did.", is_simulated=[False, False, True])
    spec = campaign_uplifts(results).to_dict()
    rows = next(rows for rows in spec["datasets"].values() if "low" in rows[0])
    assert [row["row"] for row in rows] == ["All\nbig spring", "All\nnext one"]
    drawn = [[row["uplift"], row["low"], row["high"]] for row in rows]
    assert drawn == [pytest.approx([5, 1, 9]), pytest.approx([4, -5, 13])]
    assert spec["title"]["subtitle"].startswith("Simulated data. Customers kept")
    assert spec["description"] == "Forest plot of uplifts. All, big spring: It did. All, next one: It did."
    declared = charts.CHARTS["campaign_uplifts"]
    assert [name for name, _ in declared.drawn({"campaign_results": results})] == ["campaign_uplifts"]
    assert list(declared.drawn({"campaign_results": results.tail(1)})) == []

    plan = pd.DataFrame(
        {
            "campaign": ["a", "b", "c"],
            "segment": "All",
            "customers": [100, 200, 1],
            "detectable_uplift": [0.25, 0.125, np.nan],
            "is_measurable": [False, True, False],
            "reading": "So.",
            "is_simulated": False,
        }
    )
    spec = campaign_detectable_uplifts(plan).to_dict()
    (rows,) = spec["datasets"].values()
    assert [(row["points"], row["is_enough"]) for row in rows] == [(25, "too small to measure"), (12.5, "measurable")]
    assert spec["title"]["subtitle"].startswith("The fewer customers")


def test_the_flows_of_a_year_are_drawn_and_no_more():
    moves = pd.DataFrame(
        {
            "build_number": range(2, 16),
            "moved_at": pd.date_range("2026-01-31", periods=14, freq="ME"),
            "from_segment_id": [1.0, 2.0] * 7,
            "to_segment_id": [2.0, 1.0] * 7,
            "customers": 1,
        }
    )
    segments = pd.DataFrame({"segment_id": [1, 2], "segment": ["A", "B"], "customers": [5, 5]})
    flows = stepwise_flows(moves, segments)
    assert flows["build_number"].unique().tolist() == list(range(4, 16))


def test_an_outline_of_a_histogram_counts_the_customers_between_its_bounds(frames, mall):
    chart = feature_distribution(frames["feature_histograms"], frames["feature_figures"], "age")
    (rows,) = chart.to_dict()["datasets"].values()
    bins = pd.DataFrame(rows)
    bounds = bins["range"].str.split(" to ", expand=True).astype(float).to_numpy()
    assert ((bounds[:, 0] < bins["value"]) & (bins["value"] < bounds[:, 1])).all()
    for (low, high), row in zip(bounds, rows, strict=True):
        group = mall[(mall["gender"] == row["customer_group"]) & mall["age"].between(low, high, inclusive="left")]
        assert row["customers"] == len(group), row
    assert bins["customers"].sum() == 200


def test_the_line_of_no_uplift_is_at_0(frames):
    spec = campaign_uplifts(frames["campaign_results"]).to_dict()
    (line,) = [view for view in marks(spec, "rule") if view["mark"]["style"] == "reference"]
    assert spec["datasets"][line["data"]["name"]] == [{"uplift": 0}]
    assert line["encoding"]["x"]["field"] == "uplift"


def test_every_date_of_the_flows_is_written_below_its_blocks():
    moves = pd.DataFrame(
        {
            "build_number": [2, 3],
            "moved_at": pd.to_datetime(["2026-01-31", "2026-02-28"]),
            "from_segment_id": [1.0, 2.0],
            "to_segment_id": [2.0, 1.0],
            "customers": 3,
        }
    )
    segments = pd.DataFrame(
        {
            "segment_id": [1, 2],
            "segment": ["A", "B"],
            "nickname": ["A", "B"],
            "value_rank": [1, 2],
            "color": ["#111111", "#222222"],
            "customers": [5, 5],
        }
    )
    spec = segment_flows(moves, segments).to_dict()
    (axis,) = {json.dumps(view["encoding"]["x"]["axis"]) for view in marks(spec, "area")}
    axis = json.loads(axis)
    assert axis["labelExpr"] == "['before', '2026-01-31', '2026-02-28'][datum.value]"
    assert axis["values"] == [0, 1, 2]
    (blocks,) = [spec["datasets"][view["data"]["name"]] for view in marks(spec, "rect")]
    assert sorted({round((block["start"] + block["end"]) / 2, 9) for block in blocks}) == [0, 1, 2]
    assert vl_convert.vegalite_to_png(spec)


@pytest.mark.parametrize(("z_score", "text"), [(-0.04, "0.0"), (0.04, "0.0"), (0.06, "+0.1"), (-1.26, "-1.3")])
def test_a_profile_rounds_to_a_tenth_and_writes_no_minus_before_0(frames, z_score, text):
    cells = own(frames, "profile_cells").assign(z_score=z_score)
    rows = itertools.chain.from_iterable(profile_heatmap(cells).to_dict()["datasets"].values())
    assert {row["score"] for row in rows if "score" in row} == {text}


def test_blades_of_the_silhouette_stand_apart_and_none_is_cut_off(frames):
    spec = silhouette_plot(own(frames, "segment_margins")).to_dict()
    (blades,) = marks(spec, "rect")
    rows = pd.DataFrame(spec["datasets"][blades["data"]["name"]])
    assert rows["bottom"].min() == 0
    extents = rows.groupby("value_rank").agg(bottom=("bottom", "min"), top=("top", "max"))
    assert (extents["bottom"].to_numpy()[1:] > extents["top"].to_numpy()[:-1]).all()
    low, high = blades["encoding"]["x"]["scale"]["domain"]
    assert low == 0 == rows["start"].max()
    assert rows["margin"].max() <= high


def test_charts_come_out_the_same_every_time(frames):
    first, second = (
        {name: json.dumps(chart.to_dict()) for name, chart in charts.published_charts(frames).items()} for _ in range(2)
    )
    assert first == second


@pytest.mark.long
def test_own_data_without_age_and_gender_keeps_small_frames_and_drops_those_charts(new_warehouse):
    """Four thousand customers with a column of their own, and neither age nor gender."""
    rng = np.random.default_rng(7)
    customers = pd.DataFrame(
        {
            "id": np.arange(4_000),
            "income": rng.choice([30, 60, 90], 4_000) + rng.normal(0, 5, 4_000),
            "visits": rng.choice([2, 12], 4_000) + rng.normal(0, 1, 4_000),
            "plan": rng.choice(list("ABCDEFGHIJ"), 4_000),
        }
    )
    path = new_warehouse.folder / "customers.csv"
    customers.to_csv(path, index=False)
    settings = {
        "customers_file": str(path),
        "customer_columns": {
            "customer_id": {"from": ["id"]},
            "plan": {"from": ["plan"], "type": "category"},
            "annual_income_k": {"from": ["income"], "type": "number", "label": "annual income", "unit": "k$"},
            "visits": {"from": ["visits"], "type": "number", "unit": "a month"},
        },
        "cluster_counts": {"min": 2, "max": 6},
        "segmentations": {"worth": {"features": {"annual_income_k": 1, "visits": 1}, "n_clusters": 6}},
    }
    new_warehouse.dbt("build", project_vars=settings)
    frames = frames_of(new_warehouse)
    published = charts.published_charts(frames)
    assert "worth_plan_by_segment" in published
    assert not {"worth_age_by_segment", "worth_gender_by_segment"} & set(published)
    assert set(frames["segment_categories"]["value"]) >= {"other"}
    assert frames["segment_categories"]["value"].nunique() == 7
    assert frames["segment_points"]["customer_id"].nunique() == 1_500
    # But for the customers that the page lists, of whom there are at most five thousand.
    assert len(frames["customers"]) == 4_000
    others = [len(frame) for name, frame in frames.items() if name != "customers"]
    assert len(frames["segment_points"]) == max(others) == 2 * 1_500
    for chart in published.values():
        assert vl_convert.vegalite_to_svg(chart.to_json())

    from mall_segments.page import dashboard_html

    page = dashboard_html(frames)
    assert len(page) < 2_000_000
    assert 'name="visits"' in page


def test_axes_say_the_magnitude_from_a_million_on():
    """In words of money: B and T, where a physicist would write G."""
    for largest, shown, ticks in [(8e11, "800B", "200B"), (5e12, "5T", "2T"), (3e6, "3M", "1M"), (5e5, "500,000", "0")]:
        rows = pd.DataFrame({"assets": [0, largest]})
        svg = vl_convert.vegalite_to_svg(alt.Chart(rows).mark_point().encode(alt.X("assets:Q")).to_json())
        assert {shown, ticks} <= set(re.findall(r">([^<]+)</text>", svg))
