"""What the README and the page on BI tools show must be what a reader gets."""

import re

import duckdb
from project import PROJECT

from mall_segments.questions import answer_table

README = (PROJECT / "README.md").read_text()
BI = (PROJECT / "docs" / "bi.md").read_text()


def test_the_first_queries_have_the_answers_shown(exports):
    shown = re.findall(r"```sql\n(.*?)```\n\n(\|.*?)\n\n", README + BI, re.DOTALL)
    assert len(shown) == (README + BI).count("```sql\n") > 3
    with duckdb.connect(str(exports / "segments.duckdb"), read_only=True) as connection:
        for query, answer in shown:
            assert answer_table(connection.sql(query)) == answer


def test_the_example_of_own_customers_is_the_one_that_is_built_in_the_tests():
    (shown,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert shown == (PROJECT / "tests" / "data" / "shop_members.yml").read_text()


def test_every_file_the_readme_links_to_exists():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (PROJECT / link).exists()] == []
