"""The site asks the owner to make, index and drop partitions, of listed tables only."""

from datetime import UTC, datetime, timedelta

import pytest
from psycopg import errors

TODAY = datetime.now(UTC).date()
LONG_AGO = TODAY - timedelta(days=40)


@pytest.fixture
def listed(roles, as_superuser, site):
    """A table in partitions by day: kept 30 days, made up to 3 days ahead."""
    owner = f"{roles.prefix}_owner"
    as_superuser("CREATE TABLE logs_line (at timestamptz, text text) PARTITION BY RANGE (at)")
    as_superuser(f"ALTER TABLE logs_line OWNER TO {owner}")
    as_superuser(
        "INSERT INTO database_partitionedtable"
        """ VALUES ('logs_line', 'day', '30 days', '3 days', '["USING brin (at)"]')"""
    )
    yield as_superuser
    site.rollback()
    as_superuser("DELETE FROM database_partitionedtable")
    as_superuser("DROP TABLE logs_line")


def ask(site, act, day, parent="logs_line"):
    return site.execute(f"SELECT partition_{act}(%s, %s)", [parent, day]).fetchone()[0]


def old_partition(run):
    name = f"logs_line_{LONG_AGO:%Y%m%d}"
    run(
        f"CREATE TABLE {name} PARTITION OF logs_line"
        f" FOR VALUES FROM ('{LONG_AGO}') TO ('{LONG_AGO + timedelta(days=1)}')"
    )
    return name


def test_it_works(site, listed, roles):
    name = ask(site, "make", TODAY)
    assert name == f"logs_line_{TODAY:%Y%m%d}"
    assert ask(site, "make", TODAY) == name, "made once"
    assert ask(site, "index", TODAY) == 1
    assert ask(site, "index", TODAY) == 0
    found = site.execute(
        "SELECT pg_get_userbyid(relowner), (SELECT indexdef FROM pg_indexes WHERE tablename = %s)"
        " FROM pg_class WHERE relname = %s",
        [name, name],
    ).fetchone()
    assert found[0] == f"{roles.prefix}_owner"
    assert found[1].endswith("USING brin (at)")


def test_by_month(site, listed):
    listed("UPDATE database_partitionedtable SET period = 'month'")
    assert ask(site, "make", TODAY) == f"logs_line_{TODAY:%Y%m}"


def test_an_old_one_is_dropped(site, listed, roles):
    name = old_partition(listed)
    listed(f"ALTER TABLE {name} OWNER TO {roles.prefix}_owner")
    assert ask(site, "drop", LONG_AGO) is True
    assert site.execute("SELECT to_regclass(%s)", [name]).fetchone() == (None,)
    assert ask(site, "drop", LONG_AGO) is False


@pytest.mark.parametrize("act", ["make", "index", "drop"])
@pytest.mark.parametrize("parent", ["audit_entry", "members_member", "", "logs_line; DROP", None])
def test_a_table_that_is_not_listed(site, listed, act, parent):
    with pytest.raises(errors.InsufficientPrivilege, match="may be made or dropped"):
        ask(site, act, TODAY, parent)


@pytest.mark.parametrize("act", ["make", "index", "drop"])
def test_no_day(site, listed, act):
    with pytest.raises(errors.InsufficientPrivilege):
        ask(site, act, None)


@pytest.mark.parametrize(
    "day", [TODAY + timedelta(days=4), TODAY - timedelta(days=32), "infinity", "-infinity"]
)
def test_none_is_made_out_of_bounds(site, listed, day):
    with pytest.raises(errors.InsufficientPrivilege, match="out of bounds"):
        ask(site, "make", day)


@pytest.mark.parametrize("days", [0, 1, 29, -3])
def test_what_must_be_kept_is_not_dropped(site, listed, days):
    with pytest.raises(errors.InsufficientPrivilege, match="must still be kept"):
        ask(site, "drop", TODAY - timedelta(days=days))


def test_a_table_that_only_has_the_name_is_not_dropped(site, listed):
    name = f"logs_line_{LONG_AGO:%Y%m%d}"
    listed(f"CREATE TABLE {name} (id int)")
    try:
        assert ask(site, "drop", LONG_AGO) is False
    finally:
        listed(f"DROP TABLE {name}")


def test_the_list_is_the_owners(site, listed):
    for statement in (
        "UPDATE database_partitionedtable SET keep = '0'",
        "DELETE FROM database_partitionedtable",
        "INSERT INTO database_partitionedtable VALUES ('audit_entry', 'day', '0', '0', '[]')",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            site.execute(statement)
        site.rollback()


def test_nobody_else_may_ask(roles, listed):
    with roles.connect("reader") as reader:
        with pytest.raises(errors.InsufficientPrivilege):
            ask(reader, "make", TODAY)
        reader.rollback()


def test_a_name_in_front_of_the_list_changes_nothing(site, listed):
    site.execute("SET search_path = pg_temp, public")
    assert ask(site, "make", TODAY) == f"logs_line_{TODAY:%Y%m%d}"
