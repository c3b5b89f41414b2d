"""A missing or malformed variable stops the start: exit code 2 and one line that names it."""

import base64
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from growmies_admin.stack.layout import REPOSITORY
from tests.growmies_admin.environments import GOOD

SHORT = base64.b64encode(bytes(16)).decode()


def check(tmp_path, **changes):
    """`manage.py check` with the good environment and these changes; None takes one away."""
    env = {"PATH": os.environ["PATH"], "GROWMIES_DATA_DIR": str(tmp_path), **GOOD, **changes}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={name: value for name, value in env.items() if value is not None},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
    )


# Starting Python and Django again for each value is most of a minute: here they are started once,
# and each value has a process that is forked before the settings are read.
_PREPARED = """
import json, os, runpy, sys, tempfile
import celery, django.core.management, environ, psycopg_pool, structlog

for line in sys.stdin:
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    pid = os.fork()
    if not pid:
        os.dup2(out.fileno(), 1), os.dup2(err.fileno(), 2)
        os.environ.clear(), os.environ.update(json.loads(line))
        sys.argv, code = ["manage.py", "check"], 1
        try:
            runpy.run_path("manage.py", run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code or 0
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    found = [(file.seek(0), file.read().decode())[1] for file in (out, err)]
    print(json.dumps([code, *found]), flush=True)
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """As `check`, forked from a process that has imported what settings import."""
    place = str(tmp_path_factory.mktemp("data"))
    with subprocess.Popen(
        [sys.executable, "-c", _PREPARED],
        env={"PATH": os.environ["PATH"]},
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:

        def ask(**changes):
            env = {"PATH": os.environ["PATH"], "GROWMIES_DATA_DIR": place, **GOOD, **changes}
            known = {name: value for name, value in env.items() if value is not None}
            print(json.dumps(known), file=process.stdin, flush=True)
            code, out, err = json.loads(process.stdout.readline())
            return SimpleNamespace(returncode=code, stdout=out, stderr=err)

        yield ask
        process.stdin.close()


def test_it_works(tmp_path):
    done = check(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("value", [None, ""])
def test_missing(tmp_path, name, value):
    done = check(tmp_path, **{name: value})
    assert done.returncode == 2
    assert done.stderr.startswith(
        f"Growmies Admin can't start: the environment variable {name} is missing ("
    )
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUDIT_HEADS_WEBHOOK_URL", "http://heads.example.org/"),
        ("AUDIT_HEADS_WEBHOOK_URL", "nonsense"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://a:b@127.0.0.1/growmies"),
        ("DATABASE_URL", "pg://a:b@127.0.0.1/growmies"),
        ("DATABASE_URL", "sqlite:///var/db.sqlite3"),
        ("DATABASE_URL", "postgresql://a:b@127.0.0.1:port/growmies"),
        ("DATABASE_URL", "postgresql://a:b@127.0.0.1:5432"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "http://127.0.0.1:6379"),
        ("REDIS_URL", "redis://"),
        ("EVIDENCE_KEYS", "not base64!"),
        ("EVIDENCE_KEYS", SHORT),
        ("EVIDENCE_KEYS", f"{GOOD['EVIDENCE_KEYS']},{SHORT}"),
        ("EVIDENCE_KEYS", f"{GOOD['EVIDENCE_KEYS']},"),
        ("PUBLIC_URL", "admin.example.org"),
        ("PUBLIC_URL", "ftp://admin.example.org"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://admin.example.org:port"),
        ("TRUSTED_PROXIES", "nginx"),
        ("TRUSTED_PROXIES", "127.0.0.1 10.0.0.1"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "*"),
        ("GROWMIES_PORT_BASE", "eight thousand"),
        ("GROWMIES_PORT_BASE", "-1"),
        ("GROWMIES_PORT_BASE", "70000"),
        ("BOT_HEALTH_PORT", "http"),
        ("WORKER_METRICS_PORT", "9.5"),
        ("DATABASE_POOL_SIZE", "many"),
        ("DISCORD_GUILD_ID", "growmies"),
        ("LOG_LEVEL", "LOUD"),
        ("SECOND_REVIEW_SHARE", "5 %"),
        ("SECOND_REVIEW_SHARE", "5"),
        ("SECOND_REVIEW_SHARE", "nan"),
        ("DENIAL_APPEAL_COOL_DOWN_HOURS", "a day"),
        ("DENIAL_APPEAL_COOL_DOWN_HOURS", "-1"),
        ("PROMETHEUS_URL", "127.0.0.1:9090"),
        ("ALERTMANAGER_URL", "alertmanager"),
        ("PROMETHEUS_URL", "http://me:secret@127.0.0.1:9090"),
        ("ALERTMANAGER_URL", "http://secret@127.0.0.1:9093"),
        ("PROMETHEUS_USER", "growmies"),  # which needs a password
        ("PROMETHEUS_PASSWORD", "secret"),
        ("ALERTMANAGER_USER", "growmies"),
        ("DISCORD_API_URL", "discord"),
        ("BOT_HEALTH_URL", "bot"),
        ("EMAIL_URL", "nonsense"),
        ("VERIFICATION_METHODS", "id_document,by_post"),
        ("VERIFICATION_METHODS", "in_person,in_person"),
        ("VERIFICATION_METHODS", "in_person,"),
        ("VERIFICATION_METHODS", "provider"),  # which needs an address and a secret
        ("PROVIDER_URL", "age.example.com/{reference}"),
        ("PROVIDER_URL", "https://age.example.com/"),
        ("PROVIDER_URL", "https://age.example.com/{reference}/{reference}"),
        ("PROVIDER_SECRET", "too short"),
        ("THIRD_PARTY_BOTS", "carl-bot"),
        ("THIRD_PARTY_BOTS", "carl-bot=moderation:carl"),
        ("DISCORD_STATUS_URL", "discordstatus.com"),
        ("PROBE_URLS", "https://example.org"),
        ("PROBE_URLS", "public=https://example.org"),
        ("PROBE_URLS", "shop=example.org"),
        ("KPI_GROWING_HELP_CHANNELS", "growing help"),
        ("KPI_TARGETS", "retention"),
        ("KPI_TARGETS", "retention=-1"),
        ("KPI_TARGETS", "happiness=5"),
        ("RESOURCE_CPU_PERCENT", "most"),
        ("RESOURCE_DISK_PERCENT", "0"),
        ("RESOURCE_NETWORK_MBITS", "nan"),
    ],
)
def test_malformed(prepared, name, value):
    done = prepared(**{name: value})
    assert done.returncode == 2, done.stderr[-500:]
    assert done.stderr.startswith("Growmies Admin can't start: ")
    assert name in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "pg://growmies:hunter2@127.0.0.1/growmies"),
        ("EVIDENCE_KEYS", "hunter2"),
        ("PROMETHEUS_URL", "http://me:hunter2@127.0.0.1:9090"),
        ("PROMETHEUS_PASSWORD", "hunter2"),
        ("ALERTMANAGER_URL", "http://me:hunter2@127.0.0.1:9093"),
        ("ALERTMANAGER_PASSWORD", "hunter2"),
        ("PROVIDER_SECRET", "hunter2"),
    ],
)
def test_a_secret_is_never_in_the_line(prepared, name, value):
    done = prepared(**{name: value})
    assert done.returncode == 2 and name in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    "changes",
    [
        {"THIRD_PARTY_BOTS": "none", "DISCORD_STATUS_URL": "", "PROBE_URLS": ""},
        {"PUBLIC_URL": "", "PROMETHEUS_URL": "", "ALERTMANAGER_URL": "", "EMAIL_URL": ""},
        {
            "LOG_LEVEL": "debug",
            "PUBLIC_URL": "https://admin.example.org/",
            "TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8, 2001:db8::/32",
            "DATABASE_URL": "postgres://growmies@db.example.org/growmies",
            "REDIS_URL": "rediss://:secret@valkey.example.org:6380",
            "EVIDENCE_KEYS": f"{base64.b64encode(b'x' * 32).decode()}, {GOOD['EVIDENCE_KEYS']}",
            "PROMETHEUS_URL": "http://prometheus.example.org:9090/",
            "EMAIL_URL": "smtp://mail.example.org:25",
            "GROWMIES_PORT_BASE": "9000",
            "VERIFICATION_METHODS": "provider, in_person",
            "PROVIDER_URL": "https://age.example.com/check?session={reference}",
            "PROVIDER_SECRET": "x" * 32,
            "THIRD_PARTY_BOTS": "xenon=backup:416358583220043796, sesh=events",
            "PROBE_URLS": "shop=https://example.org/ blog=http://example.org",
            "RESOURCE_CPU_PERCENT": "92.5",
        },
    ],
)
def test_other_good_values(prepared, changes):
    done = prepared(**changes)
    assert done.returncode == 0, done.stderr[-500:]


@pytest.mark.parametrize("secret", [None, "", "x" * 31])
def test_heads_go_nowhere_unsigned(prepared, secret):
    url = "https://heads.example.org/"
    named = {"AUDIT_HEADS_WEBHOOK_URL": url, "AUDIT_HEADS_WEBHOOK_SECRET": secret}
    done = prepared(**named)
    assert done.returncode == 2
    assert "AUDIT_HEADS_WEBHOOK_SECRET must have 32 characters at least." in done.stderr
    assert prepared(**named | {"AUDIT_HEADS_WEBHOOK_SECRET": "x" * 32}).returncode == 0
