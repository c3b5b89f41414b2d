"""The roles of our own PostgreSQL, made by docker/postgres/roles.sql at every start."""

import os
import subprocess

from growmies_admin.stack import servers
from growmies_admin.stack.layout import REPOSITORY, ROLES, SUPERUSER, Layout, Trouble

SQL = REPOSITORY / "docker" / "postgres" / "roles.sql"


def make(layout: Layout) -> None:
    """Make the roles and hand the owner what a superuser made before. Raises Trouble.

    Nothing changes when they are there already. Our PostgreSQL must answer and have the site's
    database; passwords become those of secrets.env.
    """
    passwords = {f"POSTGRES_{role.upper()}_PASSWORD": layout.role_password(role) for role in ROLES}
    done = subprocess.run(
        [servers.postgres_program("psql"), "--no-psqlrc", "--quiet", "--tuples-only"]
        + ["--host=127.0.0.1", f"--port={layout.port('postgres')}", f"--username={SUPERUSER}"]
        + ["--dbname=growmies", f"--file={SQL}"],
        env=os.environ | passwords | {"PGPASSWORD": layout.secret("POSTGRES_PASSWORD")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Trouble(f"The roles of PostgreSQL can't be made: {done.stderr.strip()[-400:]}")
