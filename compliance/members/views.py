"""/members/: find a member by id or name; what we know of one."""

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from compliance.members import blinds
from compliance.members.models import Member
from monitoring.ui.guards import needs

PAGE = 50
LARGEST_SNOWFLAKE = 2**63 - 1


@needs("members.view", to="see members")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:64]
    found = known().order_by("discord_id")
    if text.isdecimal() and len(text) >= 17:
        return HttpResponseRedirect(reverse("member", args=[text]))
    if text:
        found = found.annotate(lowered=Lower("username")).filter(
            Q(lowered__startswith=text.lower())
        )
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 20:
        found = found.filter(discord_id__gt=int(after))
    members = list(found[: PAGE + 1])
    more, members = len(members) > PAGE, members[:PAGE]
    context = {
        "blind": blinds.member_ids(request.user),
        "members": members,
        "text": text,
        "next_after": members[-1].discord_id if more else None,
    }
    return render(request, "members/index.html", context)


@needs("members.view", to="see members")
@require_GET
def show(request: HttpRequest, snowflake: str) -> HttpResponse:
    """One member with requests and effects. A malformed or unknown id says so with 404."""
    if not is_snowflake(snowflake):
        return nobody(request, _no_id(snowflake))
    member = known().filter(pk=int(snowflake)).first()
    if member is None:
        return nobody(request, "No member of this id has been seen in the guild.")
    context = {
        "blind": member.pk in blinds.member_ids(request.user),
        "member": member,
        "requests": member.verifications.order_by("-pk")[:PAGE],
        "may_erase": request.user.has_perm("privacy.erase"),
    }
    return render(request, "members/member.html", context)


def known() -> QuerySet[Member]:
    """Everybody, and the made-up member of a practice case while nobody has decided it: its
    reviewer must be able to look them up like anybody else."""
    undecided = Member.everybody.filter(made_up=True, verifications__golden_case__outcome="")
    return Member.everybody.filter(Q(made_up=False) | Q(pk__in=undecided.values("pk")))


def is_snowflake(text: str) -> bool:
    """Whether this can be the id of a member."""
    return text.isdecimal() and len(text) < 20 and 0 < int(text) <= LARGEST_SNOWFLAKE


def _no_id(text: str) -> str:
    if text.isdecimal():
        return f"{text[:40]} is not a Discord id: those have 17 to 19 digits."
    return f"{text[:40]!r} is not a Discord id: those are whole numbers."


def nobody(request: HttpRequest, sentence: str) -> HttpResponse:
    """404 with a sentence."""
    return render(request, "404.html", {"sentence": sentence}, status=404)
