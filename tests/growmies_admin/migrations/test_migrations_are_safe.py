"""Migrations leave the previous version's processes working (docs/migrations.md)."""

import pytest
from django.apps import apps
from django_migration_linter import MigrationLinter

# An index that is built concurrently can't be looked at inside a transaction.
pytestmark = pytest.mark.django_db(transaction=True)
OURS = [a.label for a in apps.get_app_configs() if a.name.startswith(("monitoring", "compliance"))]
OURS += ["accounts", "displays"]


def lint(labels, **options):
    linter = MigrationLinter(
        include_apps=labels,
        no_cache=True,
        no_output=True,
        ignore_initial_migrations=True,
        all_warnings_as_errors=True,
        # Named here because the rules of the audit trail are triggers, which have no model.
        exclude_migration_tests=["RUNSQL_REVERSIBLE"],
        **options,
    )
    linter.lint_all_migrations()
    return linter


def test_ours_are_safe():
    linter = lint(OURS)
    assert linter.nb_total > 0
    assert not linter.has_errors


@pytest.mark.parametrize("name", ["0002_drop", "0003_rename", "0004_required"])
def test_what_would_break_a_running_process_is_found(settings, name):
    settings.MIGRATION_MODULES = {"violations": "tests.growmies_admin.migrations.unsafe"}
    linter = lint(["violations"], include_name=[name])
    assert linter.nb_total - linter.nb_ignored == 1
    assert linter.nb_erroneous == 1
