"""Shared set-up: `./dev test` starts PostgreSQL and Valkey and passes their addresses."""

import os
import uuid

import pytest


def pytest_configure() -> None:
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if missing:
        pytest.exit(f"Run the tests with ./dev test: {', '.join(missing)} not set.", returncode=2)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tests with real transactions empty the tables afterwards; the audit trail refuses that."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("entry", "seal"):
            cursor.execute(f"ALTER TABLE audit_{table} DISABLE TRIGGER audit_{table}_no_truncate")


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


@pytest.fixture(autouse=True, scope="session")
def no_score_beside_the_tests():
    """The sampler's thread works out no score: it would look outside a test's transaction."""
    from monitoring.health import scoring
    from monitoring.health.answers import web_sampler

    web_sampler.after.remove(scoring._export)


@pytest.fixture(autouse=True)
def boards_at_once(monkeypatch):
    """What boards show is worked out where a test asks for it, inside its transaction."""
    from monitoring.prometheus.keeping import keeper

    keeper.forget()
    monkeypatch.setattr(keeper, "in_background", False)


@pytest.fixture
def sign_in(client):
    """The test client, signed in: `page = sign_in(staff("viewer")).get("/mobile/")`."""

    def as_(person):
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return as_


@pytest.fixture
def staff(db):
    """Makes staff: `staff("moderator")` or `staff("viewer", "operator", username="ada")`."""
    from growmies_admin.accounts.models import RoleAssignment, Staff

    def make(*roles: str, username: str | None = None) -> Staff:
        person = Staff.objects.create_user(
            username or "-".join(roles) or f"nobody{Staff.objects.count()}",
            password="correct horse battery",
        )
        RoleAssignment.objects.bulk_create(RoleAssignment(staff=person, role=r) for r in roles)
        return person

    return make
