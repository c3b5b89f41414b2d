"""Dumps of a database, restored into databases of their own."""

import contextlib
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from growmies_admin.stack.servers import postgres_program

REPOSITORY = Path(__file__).resolve().parents[1]


def environment(database: str) -> dict[str, str]:
    """The environment of a PostgreSQL program, or of our own process, on `database`."""
    facts = connection.settings_dict
    url = f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}"
    return os.environ | {
        "PGHOST": facts["HOST"],
        "PGPORT": str(facts["PORT"]),
        "PGUSER": facts["USER"],
        "PGPASSWORD": facts["PASSWORD"],
        "PGDATABASE": database,
        "DATABASE_URL": f"{url}/{database}",
    }


def run(program: str, *arguments: str, env: dict[str, str], given: bytes = b"") -> bytes:
    """What it prints; it must succeed."""
    done = subprocess.run(
        [program, *arguments], env=env, input=given, capture_output=True, cwd=REPOSITORY
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def dumped(*options: str) -> bytes:
    """The whole database of the test as `pg_dump` writes it."""
    env = environment(str(connection.settings_dict["NAME"]))
    return run(postgres_program("pg_dump"), "--format=plain", *options, env=env)


@contextlib.contextmanager
def restored(content: bytes) -> Iterator[str]:
    """A database of its own from a dump, until the end; its name."""
    name = f"restored_{uuid.uuid4().hex}"
    env = environment(name)
    run(postgres_program("createdb"), name, env=env)
    try:
        psql = postgres_program("psql")
        run(psql, "--quiet", "--set=ON_ERROR_STOP=1", env=env, given=content)
        yield name
    finally:
        run(postgres_program("dropdb"), "--force", name, env=env)
