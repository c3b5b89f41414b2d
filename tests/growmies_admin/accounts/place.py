"""One of everything that a page can be about, and what acts could have changed of it."""

import io
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from PIL import Image

from compliance import policy
from compliance.appeals.models import Appeal
from compliance.desk.models import Claim, WorkItem
from compliance.effects import delivery
from compliance.effects.kinds import message
from compliance.effects.models import Effect
from compliance.evidence import custody
from compliance.members import roster
from compliance.moderation import recording
from compliance.moderation.models import Case, CaseNote, Overruling, Source
from compliance.quality.models import Dispute, GoldenCase, SecondReview
from compliance.uploads import opening as links_opened
from compliance.uploads import submission
from compliance.verification import claims, decisions
from compliance.verification.models import Decision
from growmies_admin.accounts.models import ApiToken, RoleAssignment, Staff
from growmies_admin.accounts.scopes import Scope
from growmies_admin.displays.models import Display
from monitoring.alerts.models import Acknowledgement, Alert
from monitoring.audit.models import Entry
from monitoring.delivery.models import Message
from monitoring.incidents import opening
from monitoring.incidents.models import Incident, Rota
from monitoring.maintenance.models import JobRun
from tests.growmies_admin.accounts.table import ACTS_ON_AN_INCIDENT

OF_ONE_ALERT = ("chart", "acknowledge", "withdraw", "silence")


class Place:
    """One of everything that a page can be about."""

    def __init__(self):
        out = io.BytesIO()
        Image.new("RGB", (240, 200)).save(out, "JPEG")
        self.other = Staff.objects.create_user("other")
        first, second = self._pending(1, out), self._pending(2, out)
        claims.claim(first.pk, self.other)
        custody.reveal(first.pk, 1, self.other)
        self.decision = decisions.approve(first.pk, moderator=self.other, version=2)
        self.request = second
        fourth = self._pending(4, out)
        claims.claim(fourth.pk, self.other)
        custody.reveal(fourth.pk, 1, self.other)
        denied = decisions.deny(fourth.pk, moderator=self.other, version=2, reason="altered")
        self.appeal = Appeal.objects.create(
            decision=denied, member=fourth.member, decision_by=self.other, words="It is not."
        )
        third = self._pending(3, out)
        self.review = SecondReview.objects.create(request=third)
        claims.claim(third.pk, self.other)
        custody.reveal(third.pk, 1, self.other)
        approved = decisions.deny(third.pk, moderator=self.other, version=2, reason="altered")
        self.review.decision, self.review.first_by = approved, self.other
        self.review.due_at = timezone.now()
        self.review.save()
        message.want(3, "verification", "hello", cause="x", not_before=timezone.now())
        self.effect = next(one for one in delivery.lease_due() if one.cause == "x")
        delivery.failed(self.effect, "Discord said no", 50013)
        self.case = recording.record(
            recording.Draft("warn", second.member_id, "spam"), by=self.other, source=Source.WEB
        )
        self.alert = Alert.objects.create(
            fingerprint="1", starts_at=timezone.now(), name="X", severity="info", status="firing"
        )
        self.incident = opening.open_by_hand(by=self.other, title="Dark", severity="critical")
        self.display = Display.objects.create(
            name="Lobby", board="main", browser="x", address="x", paired_by=self.other
        )
        self.token = ApiToken.objects.create(
            name="daily check",
            owner=self.other,
            scopes=[Scope.QUEUE_READ],
            token_hash=bytes(32),
            prefix="gma_abcdef",
            expires_at=timezone.now() + timedelta(days=1),
        )

    def _pending(self, number, picture):
        member = roster.seen(1187342001234567890 + number, f"member{number}")
        token = links_opened.open_request(member).url.rstrip("/").rsplit("/", 1)[1]
        return submission.submit(
            token, [picture.getvalue()], consent_version=policy.CONSENT_VERSION
        )

    @property
    def item(self):
        """The request as it waits."""
        return WorkItem.objects.of("verification", self.request.pk).get()

    def url(self, name):
        arguments = {
            "queue_picture": [self.request.pk, 1],
            "queue_look_at": [self.request.pk, 1],
            "queue_undo": [self.decision.pk],
            "inbox_look": [self.item.pk],
            "inbox_claim": [self.item.pk],
            "inbox_release": [self.item.pk],
            "dispute_settle": [1],
            "effect_retry": [self.effect.pk],
            "alert_silence_end": ["5b0c1a9e-0000-4000-8000-000000000001"],
            "kpi": ["retention"],
            "kpi_chart": ["retention"],
            "job": ["daily_cleanup"],
            "job_run": ["daily_cleanup"],
            "display": [self.display.pk],
            "display_change": [self.display.pk],
            "display_revoke": [self.display.pk],
            "staff_change": [self.other.pk],
            "staff_token_revoke": [self.token.pk],
            "staff_key_open": [self.token.pk],
            "member": [self.request.member_id],
            "case_record": [self.request.member_id],
            "member_erase": [self.request.member_id],
            "second_review": [self.review.pk],
            "appeal": [self.appeal.pk],
            "appeal_decide": [self.appeal.pk],
            "appeal_undo": [self.appeal.pk],
            "second_review_picture": [self.review.pk, 1],
        }
        if name in {"case", "case_note", "case_overrule", "case_take_back"}:
            return reverse(name, args=[self.case.number])
        if name == "incident" or name in ACTS_ON_AN_INCIDENT:
            return reverse(name, args=[self.incident.pk])
        if name.startswith("second_review_") and name != "second_review_picture":
            return reverse(name, args=[self.review.pk])
        if name.startswith("queue_") and name not in {
            "queue_rows",
            "queue_next",
            "queue_bulk",
            *arguments,
        }:
            return reverse(name, args=[self.request.pk])
        if name in {"alert", *(f"alert_{act}" for act in OF_ONE_ALERT)}:
            return reverse(name, args=[self.alert.pk])
        return reverse(name, args=arguments.get(name, []))


def kept():
    """What an act could have changed."""
    return (
        Claim.objects.count(),
        sorted(SecondReview.objects.values_list("pk", "outcome")),
        Dispute.objects.count(),
        sorted(Appeal.objects.values_list("pk", "state")),
        GoldenCase.objects.count(),
        Case.objects.count(),
        CaseNote.objects.count(),
        Overruling.objects.count(),
        Decision.objects.filter(standing=True).count(),
        JobRun.objects.count(),
        Acknowledgement.objects.count(),
        Message.objects.count(),
        sorted(Incident.objects.values_list("pk", "state", "commander")),
        Rota.objects.count(),
        sorted(Effect.objects.values_list("pk", "state")),
        sorted(RoleAssignment.objects.values_list("staff", "role")),
        Staff.objects.count(),
        sorted(ApiToken.objects.values_list("pk", "revoked_at")),
        sorted(Display.objects.values_list("pk", "name", "ended_at")),
        Entry.objects.count(),
    )
