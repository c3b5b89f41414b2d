"""Keeps the first decision from whoever may still do its second review."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from compliance.members.models import Subject
from compliance.verification import second_reviews
from compliance.verification.models import Decision

View = Callable[..., HttpResponse]


def hidden_subjects(user: Any) -> frozenset[uuid.UUID]:
    """Under which ids the audit trail knows the members concerned."""
    members = second_reviews.hidden_members(user)
    if not members:
        return frozenset()
    found = Subject.objects.filter(discord_id__in=members)
    return frozenset(found.values_list("pk", flat=True))


def unless_blind(view: View) -> View:
    """For every page and act on one request: who may yet answer sees nothing of it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request_id = kwargs.get("request_id")
        if request_id is None and "decision_id" in kwargs:
            found = Decision.objects.filter(pk=kwargs["decision_id"])
            request_id = found.values_list("request_id", flat=True).first()
        signed_in = request.user.is_authenticated
        if signed_in and request_id and second_reviews.is_blind(request_id, request.user):
            partial = getattr(request, "htmx", False)
            name = "_blind.html" if partial else "blind.html"
            status = 200 if request.method == "GET" else 409
            return render(request, f"verification/quality/{name}", status=status)
        return view(request, *args, **kwargs)

    return guarded
