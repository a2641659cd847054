"""Another project that installs this one as a package, with customers of its own."""

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from project import PROJECT, Warehouse

CONSUMER = Path(__file__).parent / "consumer"


def install_package(project: Path) -> None:
    """Write what a user writes into packages.yml, and let dbt fetch it."""
    (project / "packages.yml").write_text(json.dumps({"packages": [{"local": str(PROJECT)}]}))
    Warehouse(project, project).dbt("deps")


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Warehouse:
    project = tmp_path_factory.mktemp("package") / "corner shop"
    shutil.copytree(CONSUMER, project)
    install_package(project)
    shop = Warehouse(project, project)
    shop.output = shop.dbt("build").stdout
    return shop


@pytest.fixture(scope="module")
def console_script(tmp_path_factory) -> Path:
    """The program as `pip install` puts it into an environment without this checkout on its path."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    shutil.copytree(PROJECT / "mall_segments", source / "mall_segments", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(PROJECT / name, source)
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    libraries = folder / "venv" / "lib" / version / "site-packages"
    (libraries / "of_the_tests.pth").write_text(sysconfig.get_path("purelib"))
    # The new environment's own setuptools may be too old; that of the tests is the pinned one.
    for own in libraries.glob("setuptools*"):
        shutil.rmtree(own)
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", source],
        check=True,
    )
    shutil.rmtree(source)
    return python.with_name("mall-segments")


def test_another_project_builds_the_package_from_its_own_customers(shop):
    members = pd.read_csv(CONSUMER / "seeds" / "members.csv")
    built = shop.query("select customer_id, visits, basket_value from main_marts.customers order by customer_id")
    expected = members.assign(customer_id="C" + members["member"].astype(str)).sort_values("customer_id")
    assert built.to_numpy().tolist() == expected[["customer_id", "visits", "basket"]].to_numpy().tolist()
    # Four groups of 25 were drawn far apart.
    assert shop.query("select customers from main_marts.segments")["customers"].tolist() == [25] * 4
    assert shop.query("from main_marts.classify_customer(29, 95)")["segment_name"].tolist() == [
        "High basket value, high visits"
    ]
    assert "WARN" not in shop.output.replace("WARN=0", "")


def test_schemas_of_the_package_carry_the_prefix_of_the_target_and_no_demo_data_come_along(shop):
    relations = shop.query("select distinct table_schema, table_name from information_schema.tables")
    assert set(relations["table_schema"]) - {"main"} <= {
        f"main_{schema}"
        for schema in ("raw", "staging", "features", "clustering", "marts", "campaigns", "reporting", "semantic")
    } | {"main_state", "main_meta"}
    assert "mall_customers" not in set(relations["table_name"])
    staged = relations.loc[relations["table_name"] == "stg_customers", "table_schema"]
    assert staged.tolist() == ["main"]


def test_targets_that_people_query_have_plain_schemas(shop):
    listed = shop.dbt("ls", "--target", "prod", "-s", "segments", "--output", "json", "--output-keys", "schema").stdout
    assert '"schema": "marts"' in listed


def test_wrong_vars_stop_the_package_and_nothing_else(shop):
    wrong = {"segmentations": {"shopping": {"features": {"visists": 1}}}}
    shop.dbt("build", "-s", "shop_report", "members", project_vars=wrong)
    refused = shop.dbt("build", "-s", "customers", project_vars=wrong, check=False)
    assert refused.returncode
    assert "there is no `visists`; did you mean `visits`?" in refused.stdout


def test_own_commands_of_the_project_do_not_count_as_builds(shop):
    before = shop.query("from main_meta.builds")
    shop.dbt("build", "-s", "shop_report")
    pd.testing.assert_frame_equal(shop.query("from main_meta.builds"), before)


def test_console_script_publishes_any_warehouse_file_from_any_folder(shop, console_script, tmp_path):
    renamed = tmp_path / "it's renamed.duckdb"
    shutil.copy(shop.path, renamed)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    done = subprocess.run(
        [console_script, "publish", "out", "--warehouse", renamed],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with duckdb.connect(str(folder / "out" / "segments.duckdb"), read_only=True) as published:
        names = published.sql("select segment_name from marts.classify_customer(29, 95)").fetchall()
        comments = published.sql(
            "select count(*) from duckdb_columns() where schema_name = 'marts' and comment <> ''"
        ).fetchall()[0][0]
    assert names == [("High basket value, high visits",)]
    assert comments > 50
    assert "High basket value" in (folder / "out" / "dashboard.html").read_text(encoding="utf-8")


def test_help_names_the_commands_and_their_options(console_script):
    def said(*arguments: str) -> str:
        return subprocess.run([console_script, *arguments], capture_output=True, text=True, check=True).stdout

    assert {"publish", "questions"} <= set(said("--help").split())
    for option in ("--warehouse", "--memory", "MALL_SEGMENTS_DB"):
        assert option in said("publish", "--help")


@pytest.mark.long
def test_project_with_nothing_but_the_package_builds_the_mall(tmp_path):
    (tmp_path / "dbt_project.yml").write_text("{name: bare, config-version: 2, profile: corner_shop}")
    shutil.copy(CONSUMER / "profiles.yml", tmp_path)
    install_package(tmp_path)
    bare = Warehouse(tmp_path, tmp_path)
    bare.dbt("build", "--target", "prod")
    assert bare.query("select count(*) as customers from marts.customers")["customers"].tolist() == [200]
