"""The unit tests of the SQL, which a bare `dbt build` leaves out because their inputs never change."""


def test_the_unit_tests_of_the_sql_pass(warehouse):
    result = warehouse.dbt("test", "--select", "test_type:unit")
    assert "ERROR=0" in result.stdout
    assert "PASS=0" not in result.stdout


def test_a_bare_build_leaves_the_unit_tests_to_make_test(warehouse):
    listed = warehouse.dbt("ls", "--resource-type", "unit_test", "--select", "test_type:unit").stdout
    bare = warehouse.dbt("ls", "--output", "name").stdout
    names = [line.rsplit(".", 1)[-1] for line in listed.splitlines() if "unit_test:" in line]
    assert names
    assert not set(names) & set(bare.splitlines())
