"""/audit/: who did what, as far as the reader may see."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from monitoring.audit import blinds
from monitoring.audit.models import Category, Entry
from monitoring.ui.guards import needs

PAGE = 50


@needs("audit.view_own", "audit.view_all", "audit.view_technical", to="see the audit trail")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Newest first, by keyset; filters in the URL."""
    filters = {
        name: request.GET.get(name, "").strip()[:64]
        for name in ("category", "action", "target", "before")
    }
    found, blind = _visible(request.user), blinds.subjects(request.user)
    if blind:
        found = found.exclude(Q(subject_id__in=blind) & ~Q(actor=request.user))
    if filters["category"] in Category.values:
        found = found.filter(category=filters["category"])
    if filters["action"]:
        found = found.filter(action__startswith=filters["action"])
    if ":" in filters["target"]:
        kind, pk = filters["target"].split(":", 1)
        found = found.filter(target_type=kind, target_id=pk)
    if filters["before"].isdecimal():
        found = found.filter(pk__lt=int(filters["before"]))
    entries = list(found.select_related("actor", "seal").order_by("-id")[: PAGE + 1])
    more, entries = len(entries) > PAGE, entries[:PAGE]
    context = {
        "entries": entries,
        "filters": filters,
        "categories": Category.choices,
        "next_before": entries[-1].pk if more else None,
        "scope": _scope(request.user),
        "left_out": len(blind),
    }
    return render(request, "audit/index.html", context)


def _visible(user: Any) -> QuerySet[Entry]:
    """All of it, the technical part, or one's own acts, by right (contract.md)."""
    if user.has_perm("audit.view_all"):
        return Entry.objects.all()
    seen = Q(pk__in=[])
    if user.has_perm("audit.view_technical"):
        seen |= Q(category=Category.TECHNICAL)
    if user.has_perm("audit.view_own"):
        seen |= Q(actor=user)
    return Entry.objects.filter(seen)


def _scope(user: Any) -> str:
    if user.has_perm("audit.view_all"):
        return "Everything that was done, and by whom."
    if user.has_perm("audit.view_technical"):
        return "Technical entries."
    return "What you have done yourself."
