"""Figures of verification for the KPIs: each of the days of policy that end with a day."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery

from compliance import policy
from compliance.desk.models import Claim
from compliance.members import retention
from compliance.members.models import Member
from compliance.verification.models import Decision, VerificationRequest
from compliance.verification.states import Method, State
from monitoring import policy as monitoring_policy
from monitoring.audit.models import ActorType
from monitoring.kpis.asking import Percentile
from monitoring.kpis.days import Day
from monitoring.kpis.registry import NotMeasured, Part, Reading, TooFew
from monitoring.ui.words import span

_SLOW = 0.9


def completion(day: Day) -> Reading:
    """Of the requests that have ended, the share that ended with a decision."""
    ended = _opened(day).filter(state_since__lte=day.ends)
    found = ended.aggregate(
        approved=Count("pk", filter=Q(state=State.APPROVED)),
        denied=Count("pk", filter=Q(state=State.DENIED)),
        given_up=Count("pk", filter=Q(state__in=(State.EXPIRED, State.WITHDRAWN))),
    )
    total = sum(found.values())
    _require(total, "request has ended", "requests have ended")
    share = (found["approved"] + found["denied"]) / total
    parts = [
        Part("Approved", found["approved"] / total),
        Part("Denied", found["denied"] / total),
        Part("Expired or withdrawn", found["given_up"] / total),
    ]
    return Reading(share, parts)


def review_time(day: Day) -> Reading:
    """From the first submission until the first decision of a person."""
    first = (
        Decision.objects.filter(request=OuterRef("pk"), actor_type=ActorType.STAFF, undone_at=None)
        .order_by()
        .values("request")
        .annotate(at=Min("decided_at"))
        .values("at")
    )
    return _time_until(first, day, "decided")


def time_until_taken_up(day: Day) -> Reading:
    """From the first submission until a moderator first claims it."""
    first = (
        Claim.objects.on("verification", OuterRef("pk"))
        .order_by()
        .values("item")
        .annotate(at=Min("started_at"))
        .values("at")
    )
    return _time_until(first, day, "taken up")


def onboarding(day: Day) -> Reading:
    """Of the members who joined, the share approved within some days."""
    end = day.back(policy.ONBOARDING_TIME)
    begin = end - policy.KPI_PERIOD
    retention.require_known(begin)
    approved = Decision.objects.filter(
        request__member=OuterRef("pk"),
        result=State.APPROVED,
        undone_at=None,
        decided_at__lte=OuterRef("joined_at") + policy.ONBOARDING_TIME,
    )
    found = Member.objects.filter(joined_at__gt=begin, joined_at__lte=end).aggregate(
        joined=Count("pk"), verified=Count("pk", filter=Exists(approved))
    )
    _require(found["joined"], "member joined", "members joined")
    return Reading(found["verified"] / found["joined"])


def _opened(day: Day) -> QuerySet[VerificationRequest]:
    """Requests of real members that were opened in the days of a figure."""
    return VerificationRequest.objects.filter(
        opened_at__gt=day.back(policy.KPI_PERIOD), opened_at__lte=day.ends, member__made_up=False
    )


def _time_until(first: "QuerySet[Any, Any]", day: Day, done: str) -> Reading:
    """Median and slowest tenth. A meeting in person takes as long as two people agree on."""
    found = (
        _opened(day)
        .exclude(method=Method.IN_PERSON)
        .annotate(first_at=Subquery(first))
        .filter(submitted_at__isnull=False, first_at__lte=day.ends)
        .aggregate(
            n=Count("pk"),
            half=Percentile(F("first_at") - F("submitted_at"), 0.5),
            slow=Percentile(F("first_at") - F("submitted_at"), _SLOW),
        )
    )
    _require(found["n"], f"request was {done}", f"requests were {done}")
    half, slow = _seconds(found["half"]), _seconds(found["slow"])
    return Reading(half, [Part("Median", half), Part("90 % within", slow)])


def _seconds(length: timedelta) -> float:
    return max(length.total_seconds(), 0.0)


def _require(number: int, one: str, many: str) -> None:
    """Raises NotMeasured without any, TooFew below the limit."""
    if number == 0:
        raise NotMeasured(f"No {one} in those {span(policy.KPI_PERIOD)}.")
    if number < monitoring_policy.KPI_TOO_FEW:
        raise TooFew(
            f"Fewer than {monitoring_policy.KPI_TOO_FEW} {many} in those {span(policy.KPI_PERIOD)}."
        )
