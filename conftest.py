"""Shared set-up: `./dev test` starts PostgreSQL and Valkey and passes their addresses."""

import logging
import os
import sys
import uuid
from datetime import timedelta

import pytest


def pytest_configure() -> None:
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if missing:
        pytest.exit(f"Run the tests with ./dev test: {', '.join(missing)} not set.", returncode=2)


def pytest_sessionfinish() -> None:
    """Threads of the site go on for a moment, and log into a stream that is closed by then."""
    logging.raiseExceptions = False


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests with real transactions empty the tables afterwards; the audit trail refuses that."""
    from django.db import connection
    from django.test import TransactionTestCase

    from tests.emptying import empty_tables

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("entry", "seal"):
            cursor.execute(f"ALTER TABLE audit_{table} DISABLE TRIGGER audit_{table}_no_truncate")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture(autouse=True)
def evidence_dir(settings, tmp_path):
    """An evidence store of its own for each test."""
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    return settings.EVIDENCE_DIR


@pytest.fixture(autouse=True)
def no_lot(monkeypatch):
    """Nothing is drawn for a second review; `drawn` in the tests of verification draws all."""
    from compliance import policy

    monkeypatch.setattr(policy, "SECOND_REVIEW_SHARE", 0.0)


@pytest.fixture(autouse=True)
def quick_site(settings):
    """Pages without a collected manifest, and passwords that cost nothing to check."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def own_cache(settings):
    """Keys of its own in Valkey for each test: rate limits and used codes are kept there."""
    own = settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}
    settings.CACHES = {"default": own}


@pytest.fixture
def statements(settings):
    """How many statements an act asks of the database when nothing is kept in the cache.

    What the cache keeps for some seconds can't end between two counts of one test.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(act) -> int:
        empty = settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}
        settings.CACHES = {"default": empty}
        with CaptureQueriesContext(connection) as asked:
            act()
        return len(asked)

    return count


@pytest.fixture(autouse=True)
def nothing_sampled(monkeypatch):
    """No thread looks beside a test, outside its transaction, and on into the tests after it.

    Pages find no sample of the checks, as in the first second of a process; who needs one takes it.
    """
    from monitoring.health.answers import web_sampler
    from monitoring.health.sampler import Sampler

    monkeypatch.setattr(Sampler, "start", lambda self: None)
    monkeypatch.setattr(web_sampler, "_sample", {})
    monkeypatch.setattr(web_sampler, "_sampled_at", -float("inf"))


@pytest.fixture(autouse=True)
def boards_at_once(monkeypatch):
    """What boards show is worked out where a test asks for it, inside its transaction."""
    from monitoring.prometheus.keeping import keeper

    keeper.forget()
    monkeypatch.setattr(keeper, "in_background", False)


# What is told here is no row of ours: a look, files, a silence in Alertmanager; or allauth says
# it when its own transaction is over.
_TOLD_ALONE = {
    "evidence.keys_rotated",
    "staff.factor_added",
    "staff.recovery_codes_made",
    "staff.recovery_codes_viewed",
    "staff.signed_in",
    "staff.signed_out",
    "staff.discord_connected",
    "alert.silence_ended",
}


@pytest.fixture(autouse=True)
def an_act_and_its_entry_in_one_transaction(monkeypatch):
    """A process that dies between the two would leave an act that the audit trail never tells."""
    from django.db import connection

    from monitoring.audit import trail

    record = trail.record

    def checked(action, **facts):
        blocks = [block for block in connection.atomic_blocks if not block._from_testcase]
        by = sys._getframe(1).f_globals["__name__"]
        assert blocks or action in _TOLD_ALONE or by.startswith("tests."), (
            f"{by} records {action} outside a transaction"
        )
        return record(action, **facts)

    monkeypatch.setattr(trail, "record", checked)


_READ: dict[tuple, object] = {}
_TESTS_OF_READING = ("test_darkroom", "test_upload_line", "test_link_attempts", "test_what_a_mod")


@pytest.fixture(autouse=True)
def pictures_read_once(monkeypatch, request):
    """The same picture is read by a real child once; a start of Python for each test is minutes.

    Not for the tests that are about reading pictures.
    """
    if request.path.name.startswith(_TESTS_OF_READING):
        return
    from compliance.evidence import pictures

    really = pictures.ask

    def ask(act, picture, values, **more):
        key = (act, picture, repr(sorted(values.items())))
        if len(picture) > 200_000:
            return really(act, picture, values, **more)
        if key not in _READ:
            _READ[key] = really(act, picture, values, **more)
        return _READ[key]

    monkeypatch.setattr(pictures, "ask", ask)


@pytest.fixture
def sign_in(client):
    """The test client, signed in: `page = sign_in(staff("viewer")).get("/mobile/")`."""

    def as_(person):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return as_


@pytest.fixture
def staff(db):
    """Makes staff: `staff("moderator")` or `staff("viewer", "operator", username="ada")`.

    Their grace is long, so that whatever the time none of them must add a second factor first;
    what holds without one is asked in growmies_admin/accounts/test_second_factor_required.py.
    """
    from django.utils import timezone

    from growmies_admin.accounts.models import RoleAssignment, Staff

    def make(*roles: str, username: str | None = None) -> Staff:
        person = Staff.objects.create_user(
            username or "-".join(roles) or f"nobody{Staff.objects.count()}",
            password="correct horse battery",
            grace_until=timezone.now() + timedelta(days=3650),
        )
        RoleAssignment.objects.bulk_create(RoleAssignment(staff=person, role=r) for r in roles)
        return person

    return make


@pytest.fixture
def ada(staff):
    """A moderator."""
    return staff("moderator", username="ada")


@pytest.fixture
def bo(staff):
    """Another one."""
    return staff("moderator", username="bo")


@pytest.fixture
def cora(staff):
    """Compliance."""
    return staff("compliance", username="cora")


@pytest.fixture
def root(staff):
    """An administrator."""
    return staff("administrator", username="root")
