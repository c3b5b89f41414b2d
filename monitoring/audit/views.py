"""/audit/: who did what, as far as the reader may see."""

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from monitoring.audit import blinds
from monitoring.audit.models import Category, Entry
from monitoring.people import Person, Request
from monitoring.ui import paging
from monitoring.ui.guards import needs

PAGE = 50


@needs("audit.view_own", "audit.view_all", "audit.view_technical", to="see the audit trail")
@require_GET
def index(request: Request) -> HttpResponse:
    """Newest first, by keyset; filters in the URL."""
    filters = {
        name: request.GET.get(name, "").strip()[:64] for name in ("category", "action", "target")
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
    found = found.select_related("actor", "seal")
    page = paging.page(found, "-id", after=request.GET.get("after", ""), size=PAGE)
    context = {
        "page": page,
        "filters": filters,
        "categories": Category.choices,
        "scope": _scope(request.user),
        "left_out": len(blind),
    }
    return render(request, "audit/index.html", context)


def _visible(user: Person) -> QuerySet[Entry]:
    """All of it, the technical part, or one's own acts, by right."""
    if user.has_perm("audit.view_all"):
        return Entry.objects.all()
    seen = Q(pk__in=[])
    if user.has_perm("audit.view_technical"):
        seen |= Q(category=Category.TECHNICAL)
    if user.has_perm("audit.view_own"):
        seen |= Q(actor=user)
    return Entry.objects.filter(seen)


def _scope(user: Person) -> str:
    if user.has_perm("audit.view_all"):
        return "Everything that was done, and by whom."
    if user.has_perm("audit.view_technical"):
        return "Technical entries."
    return "What you have done yourself."
