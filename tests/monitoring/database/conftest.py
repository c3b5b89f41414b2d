"""The roles of docker/postgres/roles.sql in the test database, under names of their own."""

import os
import subprocess
import uuid
from dataclasses import dataclass

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections

from growmies_admin.stack.servers import postgres_program
from monitoring.database import connecting, grants
from tests.running import REPOSITORY

ROLES = ("owner", "site", "reader", "backup", "maintenance")
SQL = REPOSITORY / "docker" / "postgres" / "roles.sql"


@dataclass(frozen=True)
class Roles:
    prefix: str
    password: str
    superuser: dict

    def facts(self, role: str) -> dict:
        """As Django's settings have them, of the test database."""
        return self.superuser | {
            "USER": f"{self.prefix}_{role}",
            "PASSWORD": self.password,
        }

    def connect(self, role: str) -> psycopg.Connection:
        return _connected(self.facts(role))

    def run_sql(self) -> None:
        """roles.sql, as docs/operations.md says."""
        facts = self.superuser
        names = {f"POSTGRES_{role.upper()}_PASSWORD": self.password for role in ROLES}
        done = subprocess.run(
            [postgres_program("psql"), "-q", "-v", f"prefix={self.prefix}", "-f", str(SQL)],
            env=os.environ
            | names
            | {
                "PGHOST": facts["HOST"],
                "PGPORT": str(facts["PORT"]),
                "PGUSER": facts["USER"],
                "PGPASSWORD": facts["PASSWORD"],
                "PGDATABASE": facts["NAME"],
            },
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert not done.stderr

    def give(self) -> None:
        """What the command migrate does at its end."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settings, "DATABASE_OWNER", self.facts("owner"))
            with connecting.as_owner():
                grants.give(f"{self.prefix}_site")

    def end(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            (ours,) = cursor.fetchone()
            cursor.execute(f'REASSIGN OWNED BY "{self.prefix}_owner" TO "{ours}"')
            for role in ROLES:
                cursor.execute(f'DROP OWNED BY "{self.prefix}_{role}"')
                cursor.execute(f'DROP ROLE "{self.prefix}_{role}"')


@pytest.fixture(scope="module")
def made_roles(django_db_setup, django_db_blocker):
    found = Roles(f"t{uuid.uuid4().hex[:8]}", uuid.uuid4().hex, _facts())
    with django_db_blocker.unblock():
        found.run_sql()
        found.give()
        yield found
        found.end()


@pytest.fixture
def roles(made_roles, db):
    return made_roles


@pytest.fixture
def as_superuser(roles):
    """Runs one statement as the role that made the test database, and commits it."""

    def run(statement: str, *values: object) -> None:
        with _connected(roles.superuser) as connected:
            connected.autocommit = True
            connected.execute("SET lock_timeout = '10s'")
            connected.execute(statement, values or None)

    return run


@pytest.fixture
def as_site(roles, settings):
    """The default connection is the site's, as on a running stack."""
    before = connections["default"]
    settings.DATABASE_MAINTENANCE = roles.facts("maintenance")
    connections["default"] = connecting._as(roles.facts("site"))
    yield roles.prefix
    connections["default"].close()
    connections["default"] = before


@pytest.fixture
def site(roles):
    """A connection of the site's role. What it does is taken back, unless it commits."""
    connected = roles.connect("site")
    yield connected
    connected.rollback()
    connected.close()


def _facts() -> dict:
    names = ("HOST", "PORT", "NAME", "USER", "PASSWORD")
    return {name: connection.settings_dict[name] for name in names}


def _connected(facts: dict) -> psycopg.Connection:
    return psycopg.connect(
        host=facts["HOST"],
        port=facts["PORT"],
        dbname=facts["NAME"],
        user=facts["USER"],
        password=facts["PASSWORD"],
    )
