"""Migrations leave the previous version's processes working (docs/migrations.md)."""

import sys
from pathlib import Path

import pytest
from django.apps import apps

from tests.growmies_admin.migrations.rules import REPOSITORY, Linter

# An index that is built concurrently can't be looked at inside a transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def is_ours(path):
    """In this repository, and not in a virtual environment inside it."""
    return path.is_relative_to(REPOSITORY) and not path.is_relative_to(Path(sys.prefix).resolve())


OURS = [a.label for a in apps.get_app_configs() if is_ours(Path(a.path).resolve())]


def lint(labels, **options):
    linter = Linter(
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
    assert not linter.codes
    assert not linter.has_errors


def test_none_of_ours_is_left_out():
    there = {
        (path.parents[1].name, path.stem)
        for package in ("growmies_admin", "compliance", "monitoring")
        for path in (REPOSITORY / package).glob("**/migrations/[0-9]*.py")
        if "initial = True" not in (text := path.read_text()) and "IgnoreMigration" not in text
    }
    assert lint(OURS).looked_at == there
    assert ("audit", "0002_append_only") in there


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("0002_drop", "DROP_COLUMN"),
        ("0003_rename", "RENAME_TABLE"),
        ("0004_required", "NOT_NULL"),
        ("0005_check", "CONSTRAINT_VALID"),
        ("0006_foreign_key", "CONSTRAINT_VALID"),
        ("0007_filled_foreign_key", "CONSTRAINT_VALID"),
        ("0008_check_in_sql", "CONSTRAINT_VALID"),
        ("0009_validated_at_once", "CONSTRAINT_VALIDATED_AT_ONCE"),
        ("0010_rows_and_schema", "ROWS_AND_SCHEMA"),
        ("0011_rows_and_schema_in_sql", "ROWS_AND_SCHEMA"),
        ("0012_index_and_more", "INDEX_AND_MORE"),
    ],
)
def test_what_would_break_a_running_process_is_found(settings, name, code):
    settings.MIGRATION_MODULES = {"violations": "tests.growmies_admin.migrations.unsafe"}
    linter = lint(["violations"], include_name=[name])
    assert linter.nb_total - linter.nb_ignored == 1
    assert linter.nb_erroneous == 1
    assert code in linter.codes


@pytest.mark.parametrize(
    "name",
    [
        "0002_not_valid",
        "0003_validated",
        "0004_empty_foreign_key",
        "0005_new_table",
        "0006_rows",
        "0007_trigger",
    ],
)
def test_what_breaks_nothing_is_let_through(settings, name):
    settings.MIGRATION_MODULES = {"violations": "tests.growmies_admin.migrations.safe"}
    linter = lint(["violations"], include_name=[name])
    assert linter.nb_total - linter.nb_ignored == 1
    assert not linter.codes
    assert linter.nb_valid == 1
