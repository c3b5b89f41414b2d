"""/members/: find a member by either name or by id; what we know of one."""

from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from compliance.members import blinds, names, sections
from compliance.members.models import Member
from monitoring.people import Request
from monitoring.ui import paging
from monitoring.ui.guards import needs

PAGE = 50


@needs("members.view", to="see members")
@require_GET
def index(request: Request) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:64]
    found = known()
    if text.isdecimal() and len(text) >= 17:
        return HttpResponseRedirect(reverse("member", args=[text]))
    if text:
        found = found.filter(names.matching(text))
    page = paging.page(found, "discord_id", after=request.GET.get("after", ""), size=PAGE)
    context = {
        "blind": blinds.member_ids(request.user),
        "page": page,
        "text": text,
    }
    return render(request, "members/index.html", context)


@needs("members.view", to="see members")
@require_GET
def show(request: Request, snowflake: str) -> HttpResponse:
    """One member with requests and effects. A malformed or unknown id says so with 404."""
    if not names.is_snowflake(snowflake):
        return nobody(request, _no_id(snowflake))
    member = known().filter(pk=int(snowflake)).first()
    if member is None:
        return nobody(request, "No member of this id has been seen in the guild.")
    context = {
        "blind": member.pk in blinds.member_ids(request.user),
        "member": member,
        "requests": member.verifications.order_by("-pk")[:PAGE],
        "may_erase": request.user.has_perm("privacy.erase"),
        "sections": sections.of(member, request.user),
    }
    return render(request, "members/member.html", context)


def known() -> QuerySet[Member]:
    """Everybody, and the made-up member of a practice case while nobody has decided it: its
    reviewer must be able to look them up like anybody else."""
    undecided = Member.everybody.filter(made_up=True, verifications__golden_case__outcome="")
    return Member.everybody.filter(Q(made_up=False) | Q(pk__in=undecided.values("pk")))


def _no_id(text: str) -> str:
    if text.isdecimal():
        return f"{text[:40]} is not a Discord id: those have 17 to 19 digits."
    return f"{text[:40]!r} is not a Discord id: those are whole numbers."


def nobody(request: Request, sentence: str) -> HttpResponse:
    """404 with a sentence."""
    return render(request, "404.html", {"sentence": sentence}, status=404)
