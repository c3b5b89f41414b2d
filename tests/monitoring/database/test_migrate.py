"""A database of before the migrations were begun anew is told apart, and left as it is."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from monitoring.database.management.commands import migrate

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("known", sorted(migrate.BEFORE))
def test_an_older_database_is_refused_in_words(monkeypatch, known):
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: {known: None})
    with pytest.raises(CommandError, match="begin anew") as refused:
        call_command("migrate", verbosity=0)
    assert "\n" not in str(refused.value), "./dev up shows the last line"
    assert "GROWMIES_DATA_DIR" in str(refused.value)


def test_ours_is_not():
    assert not migrate.is_too_old(set(MigrationRecorder(connection).applied_migrations()))
    assert migrate.BEFORE.isdisjoint(MigrationLoader(None).disk_migrations)
