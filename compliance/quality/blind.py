"""Keeps the first decision from whoever may still do its second review."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from compliance.desk.models import Escalation
from compliance.members.models import Subject
from compliance.quality import second_reviews
from compliance.verification.claims import KIND
from compliance.verification.models import Decision
from monitoring.people import Person, Request

View = Callable[..., HttpResponse]


def hidden_subjects(user: Person) -> frozenset[uuid.UUID]:
    """Under which ids the audit trail knows the members concerned."""
    members = second_reviews.hidden_members(user)
    if not members:
        return frozenset()
    found = Subject.objects.filter(discord_id__in=members)
    return frozenset(found.values_list("pk", flat=True))


def unless_blind(view: View) -> View:
    """For every page and act on one request: who may yet answer sees nothing of it."""

    @wraps(view)
    def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        request_id = _request_of(**kwargs)
        signed_in = request.user.is_authenticated
        if signed_in and request_id and second_reviews.is_blind(request_id, request.user):
            partial = getattr(request, "htmx", False)
            name = "_blind.html" if partial else "blind.html"
            status = 200 if request.method == "GET" else 409
            return render(request, f"quality/{name}", status=status)
        return view(request, *args, **kwargs)

    return guarded


def _request_of(
    request_id: int | None = None,
    decision_id: int | None = None,
    escalation_id: int | None = None,
    **_: Any,
) -> int | None:
    """The request of an address that names it, or a decision or an escalation of it."""
    if decision_id is not None:
        found = Decision.objects.filter(pk=decision_id).values_list("request_id", flat=True)
        return found.first()
    if escalation_id is not None:
        handed = Escalation.objects.filter(pk=escalation_id, item__kind=KIND.name)
        return handed.values_list("item__subject", flat=True).first()
    return request_id
