"""Members, pictures and requests for the tests of compliance."""

import io
import itertools
from datetime import timedelta

import pillow_heif
import pytest
from django.utils import timezone
from PIL import Image

from compliance import policy
from compliance.desk import sweeping
from compliance.evidence import custody
from compliance.members import roster
from compliance.quality.models import SecondReview
from compliance.uploads import opening, submission
from compliance.verification import claims, decisions
from tests.compliance.acting import World

pillow_heif.register_heif_opener()  # the site itself opens no picture in this process

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
        result = opening.open_request(member(name))
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
        custody.reveal(request.pk, 1, moderator)
        request.refresh_from_db()
        return request

    return make


@pytest.fixture
def end_undo_window():
    """Moves the end of a decision's undo window, and of what waits for it, into the past."""

    def end(decision):
        from compliance.effects.models import Effect
        from compliance.evidence.models import Evidence
        from compliance.verification.models import Decision

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
def world(staff, pending, opened, end_cool_down, sign_in, monkeypatch):
    """Acts and what they need; everything is drawn for a second review."""
    monkeypatch.setattr(policy, "SECOND_REVIEW_SHARE", 1.0)
    mia = staff("moderator", "compliance", "administrator", username="mia")
    ada, bo = (staff("moderator", "compliance", username=name) for name in ("ada", "bo"))
    return World(mia, ada, bo, pending, opened, end_cool_down, sign_in(mia))


@pytest.fixture
def drawn(monkeypatch):
    """Every request that is sent from now on is drawn for a second review."""
    monkeypatch.setattr(policy, "SECOND_REVIEW_SHARE", 1.0)


@pytest.fixture
def decide(end_undo_window):
    """`decide(request, by)` approves; with a reason it denies, with `more` it asks for more."""

    def make(request, by, reason="", more=False, final=True):
        request.refresh_from_db()
        claims.claim(request.pk, by)
        custody.reveal(request.pk, 1, by)
        named = {"moderator": by, "version": request.version}
        if more:
            decision = decisions.request_more(request.pk, note="The back, please.", **named)
        elif reason:
            decision = decisions.deny(request.pk, reason=reason, **named)
        else:
            decision = decisions.approve(request.pk, **named)
        if final:
            end_undo_window(decision)
            sweeping.sweep()
        request.refresh_from_db()
        return decision

    return make


@pytest.fixture
def due(drawn, pending, decide):
    """A second review that waits: `due(ada)`, `due(ada, "altered")`."""

    def make(first, reason="", **more):
        request = pending()
        decide(request, first, reason, **more)
        return SecondReview.objects.get(request=request)

    return make
