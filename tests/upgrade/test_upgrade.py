"""Every database that a version has left is migrated to the present one, and loses nothing."""

import gzip
import sys
import tomllib
from pathlib import Path

import psycopg
import pytest

from tests import restoring

FOLDER = Path(__file__).parent
DUMPS = sorted(FOLDER.glob("*.sql.gz"))
VERSION = tomllib.loads((restoring.REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
TABLES = """
SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
    AND relnamespace = 'public'::regnamespace
"""


def rows(env):
    """How many rows each table of ours has; Django's own list of migrations grows."""
    with psycopg.connect(env["DATABASE_URL"]) as there:
        names = [name for (name,) in there.execute(TABLES).fetchall()]
        return {
            name: there.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in names
            if not name.startswith(("django_", "auth_"))
        }


@pytest.mark.django_db
@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.name.removesuffix(".sql.gz"))
def test_nothing_is_lost(dump):
    with restoring.restored(gzip.decompress(dump.read_bytes())) as name:
        env = restoring.environment(name) | {"DATABASE_ROLES": "off"}
        before = rows(env)
        assert before["verification_decision"] and before["audit_entry"]
        for arguments in (["--verbosity=0"], ["--check"]):
            restoring.run(sys.executable, "manage.py", "migrate", *arguments, env=env)
        after = rows(env)
    assert {table: number for table, number in after.items() if table in before} == before


def test_this_version_has_one():
    assert f"{VERSION}.sql.gz" in {dump.name for dump in DUMPS}
