"""Under the site's own role, too, numbers that have no entry are seen."""

import pytest

from monitoring.audit import trail
from monitoring.audit_chain import chain, heading, heads, verifying


@pytest.fixture
def heads_file(settings, tmp_path):
    settings.AUDIT_HEADS = tmp_path / "heads.jsonl"
    return settings.AUDIT_HEADS


# Past every trigger, for one connection: none is switched off for the tests that follow.
PAST_TRIGGERS = "SET session_replication_role = replica; "


@pytest.fixture
def open_minute(as_site, as_superuser):
    """Three entries of the site, of which somebody with all rights removes the newest."""
    made = [trail.record(f"test.act{n}", actor_type="system") for n in range(3)]
    newest = made[2].pk
    as_superuser(f"{PAST_TRIGGERS} DELETE FROM audit_unsealed WHERE entry_id = {newest}")
    as_superuser(f"{PAST_TRIGGERS} DELETE FROM audit_entry WHERE id = {newest}")
    yield made
    for table in ("audit_unsealed", "audit_seal", "audit_headplace", "audit_entry"):
        as_superuser(f"{PAST_TRIGGERS} DELETE FROM {table}")


def test_it_works(open_minute, heads_file):
    heading.write_down()
    (head,) = heads.read(heads_file)
    assert head.last == open_minute[2].pk
    assert verifying.verify().sentences[1:] == [
        "The newest 1 numbers have no entry: their acts are not over, were rolled back, or their"
        " entries were removed within the last minute."
    ]


def test_a_role_that_may_not_look_is_told(open_minute, heads_file, roles, as_superuser):
    as_superuser(f"REVOKE ALL ON SEQUENCE audit_entry_id_seq FROM {roles.prefix}_site")
    try:
        with pytest.raises(chain.NumbersUnreadable, match="audit_entry can't be read"):
            heading.write_down()
        with pytest.raises(chain.NumbersUnreadable):
            verifying.verify()
    finally:
        roles.give()
