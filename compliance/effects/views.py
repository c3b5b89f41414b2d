"""/effects/: what Discord refused, what is parked, what waits.

Whoever may not see members sees the random ids under which the audit trail knows them.
"""

import re
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from compliance.effects import delivery
from compliance.effects.models import DUE, Effect, EffectState
from compliance.members import blinds
from compliance.members.models import Member, Subject
from monitoring.people import Person, Request
from monitoring.ui import paging
from monitoring.ui.guards import needs

PAGE = 50
TABS = {
    "failed": ("Failed", (EffectState.FAILED,)),
    "parked": ("Parked", (EffectState.PARKED,)),
    "waiting": ("Waiting", (*DUE, EffectState.DELIVERING)),
    "delivered": ("Delivered", (EffectState.DELIVERED,)),
}


# In what Discord answers, the id of a member may stand.
_ID = re.compile(r"\d{15,20}")


@dataclass(frozen=True)
class Row:
    """An effect, whom it concerns as far as the reader may know, and why it was not delivered."""

    effect: Effect
    error: str
    member: Member | None = None
    member_id: str = ""
    subject: str = ""


@needs("effects.view", to="see what Discord still has to do")
@require_GET
def index(request: Request) -> HttpResponse:
    tab = request.GET.get("tab", "failed")
    tab = tab if tab in TABS else "failed"
    found = Effect.objects.filter(state__in=TABS[tab][1])
    blind = blinds.member_ids(request.user)
    if blind:
        found = found.exclude(member_id__in=blind)
    page = paging.page(found, "-id", after=request.GET.get("after", ""), size=PAGE)
    context = {
        "tab": tab,
        "tabs": [(key, title) for key, (title, _) in TABS.items()],
        "rows": _rows(page.rows, request.user),
        "page": page,
        "left_out": len(blind),
        "may_retry": request.user.has_perm("effects.retry"),
    }
    return render(request, "effects/index.html", context)


@needs("effects.retry", to="retry what Discord refused")
@require_POST
def retry(request: Request, effect_id: int) -> HttpResponse:
    if delivery.retry(effect_id, request.user):
        messages.success(request, "It is being tried again.")
    else:
        messages.warning(request, "It is not failed any more; nothing was done.")
    return HttpResponseRedirect(reverse("effects"))


def _rows(effects: list[Effect], user: Person) -> list[Row]:
    ids = [effect.member_id for effect in effects]
    if user.has_perm("members.view"):
        names = Member.objects.in_bulk(ids)
        return [
            Row(one, one.error, member=names.get(one.member_id), member_id=str(one.member_id))
            for one in effects
        ]
    subjects = Subject.objects.in_bulk(ids, field_name="discord_id")
    return [
        Row(one, _ID.sub("[member]", one.error), subject=str(subjects.get(one.member_id, "–")))
        for one in effects
    ]
