"""Members, pictures and requests for the tests of compliance."""

import io
import itertools
import os
import subprocess
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from PIL import Image

from compliance import policy
from compliance.members import roster
from compliance.verification import claims, evidence, requests, submission
from growmies_admin.stack.servers import postgres_program

_ids = itertools.count(1187342001234567890)


@pytest.fixture
def member(db):
    def make(name: str = "", **facts):
        discord_id = next(_ids)
        return roster.seen(discord_id, name or f"member{discord_id}", **facts)

    return make


@pytest.fixture
def picture():
    """Bytes of a drawn picture: `picture("PNG", size=(40, 30))`."""

    def make(kind: str = "JPEG", size=(640, 400), **save):
        out = io.BytesIO()
        Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **save)
        return out.getvalue()

    return make


def token_of(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[1]


@pytest.fixture
def opened(member):
    """A request that awaits its picture; has `.request`, `.url`, `.token`."""

    def make(name: str = ""):
        result = requests.open_request(member(name))
        object.__setattr__(result, "token", token_of(result.url))
        return result

    return make


@pytest.fixture
def pending(opened, picture):
    """A request with one picture that waits for a review."""

    def make(name: str = ""):
        return submission.submit(
            opened(name).token, [picture()], consent_version=policy.CONSENT_VERSION
        )

    return make


@pytest.fixture
def revealed(pending):
    """A request that the moderator has claimed and whose picture they saw."""

    def make(moderator, name: str = ""):
        request = pending(name)
        claims.claim(request.pk, moderator)
        evidence.reveal(request.pk, 1, moderator)
        request.refresh_from_db()
        return request

    return make


@pytest.fixture
def end_undo_window():
    """Moves the end of a decision's undo window, and of what waits for it, into the past."""

    def end(decision):
        from compliance.effects.models import Effect
        from compliance.verification.models import Decision, Evidence

        past = timezone.now() - timedelta(seconds=1)
        Decision.objects.filter(pk=decision.pk).update(undo_until=past)
        Effect.objects.filter(cause=f"decision:{decision.pk}").update(not_before=past)
        Evidence.objects.filter(request=decision.request, destroy_cause="decided").update(
            destroy_at=past
        )

    return end


@pytest.fixture
def end_cool_down(end_undo_window):
    """Moves a denial so far into the past that its member may appeal, or ask again."""

    def end(decision):
        from compliance.verification.models import Decision

        end_undo_window(decision)
        long_ago = timezone.now() - policy.DENIAL_APPEAL_COOL_DOWN
        Decision.objects.filter(pk=decision.pk).update(decided_at=long_ago)

    return end


@pytest.fixture
def all_methods(settings):
    """All three ways of verification are on, with a provider."""
    settings.VERIFICATION_METHODS = ("id_document", "in_person", "provider")
    settings.PROVIDER_URL = "https://age.example.com/check/{reference}"
    settings.PROVIDER_NAME = "age.example.com"
    settings.PROVIDER_SECRET = "0123456789abcdef0123456789abcdef"
    return settings


@pytest.fixture
def dump():
    """The whole database as `pg_dump` writes it."""

    def make():
        facts = connection.settings_dict
        env = os.environ | {
            "PGHOST": facts["HOST"],
            "PGPORT": str(facts["PORT"]),
            "PGUSER": facts["USER"],
            "PGPASSWORD": facts["PASSWORD"],
            "PGDATABASE": facts["NAME"],
        }
        done = subprocess.run(
            [postgres_program("pg_dump"), "--format=plain"], env=env, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return make
