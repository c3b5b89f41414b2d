"""A file of heads for each test, and an attacker with all rights on the database."""

import pytest
from django.db import connection

from monitoring.audit import trail
from monitoring.audit_chain import chain


@pytest.fixture
def heads_file(settings, tmp_path):
    settings.AUDIT_HEADS = tmp_path / "kept" / "heads.jsonl"
    return settings.AUDIT_HEADS


@pytest.fixture
def act(db):
    """Adds entries: `act(3)`; sealed unless `sealed=False`."""

    def add(count=1, sealed=True):
        made = [trail.record(f"test.act{n}", actor_type="system") for n in range(count)]
        if sealed:
            chain.seal_all()
        return made

    return add


@pytest.fixture
def attack(db):
    """Runs SQL past every trigger, as a superuser can."""

    def run(*statements):
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for sql in statements:
                cursor.execute(sql)
            cursor.execute("SET session_replication_role = DEFAULT")

    return run
