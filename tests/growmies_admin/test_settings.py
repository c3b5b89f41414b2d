"""A missing or malformed variable stops the start: exit code 2 and one line that names it."""

import base64
import os
import subprocess
import sys

import pytest

from growmies_admin.stack.layout import REPOSITORY

GOOD = {
    "SECRET_KEY": "any long random text",
    "DATABASE_URL": "postgresql://growmies:secret@127.0.0.1:5432/growmies",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "EVIDENCE_KEYS": base64.b64encode(bytes(32)).decode(),
}
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
def test_malformed(tmp_path, name, value):
    done = check(tmp_path, **{name: value})
    assert done.returncode == 2, done.stderr[-500:]
    assert done.stderr.startswith("Growmies Admin can't start: ")
    assert name in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "pg://growmies:hunter2@127.0.0.1/growmies"),
        ("EVIDENCE_KEYS", "hunter2"),
        ("PROVIDER_SECRET", "hunter2"),
    ],
)
def test_a_secret_is_never_in_the_line(tmp_path, name, value):
    assert "hunter2" not in check(tmp_path, **{name: value}).stderr


@pytest.mark.parametrize(
    "changes",
    [
        {"THIRD_PARTY_BOTS": "none", "DISCORD_STATUS_URL": "", "PROBE_URLS": ""},
        {"PUBLIC_URL": "", "PROMETHEUS_URL": "", "ALERTMANAGER_URL": "", "EMAIL_URL": ""},
        {
            "LOG_LEVEL": "debug",
            "PUBLIC_URL": "https://admin.example.org/",
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
def test_other_good_values(tmp_path, changes):
    done = check(tmp_path, **changes)
    assert done.returncode == 0, done.stderr[-500:]
