"""/effects/: what Discord refused, what is parked, what waits."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from compliance.effects import delivery
from compliance.effects.models import DUE, Effect, EffectState
from compliance.members import blinds
from compliance.members.models import Member
from monitoring.ui.guards import needs

PAGE = 50
TABS = {
    "failed": ("Failed", (EffectState.FAILED,)),
    "parked": ("Parked", (EffectState.PARKED,)),
    "waiting": ("Waiting", (*DUE, EffectState.DELIVERING)),
    "delivered": ("Delivered", (EffectState.DELIVERED,)),
}


@needs("effects.view", to="see what Discord still has to do")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    tab = request.GET.get("tab", "failed")
    tab = tab if tab in TABS else "failed"
    found = Effect.objects.filter(state__in=TABS[tab][1]).order_by("-id")
    blind = blinds.member_ids(request.user)
    if blind:
        found = found.exclude(member_id__in=blind)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 20:
        found = found.filter(pk__lt=int(before))
    effects = list(found[: PAGE + 1])
    more, effects = len(effects) > PAGE, effects[:PAGE]
    names = Member.objects.in_bulk([effect.member_id for effect in effects])
    context = {
        "tab": tab,
        "tabs": [(key, title) for key, (title, _) in TABS.items()],
        "rows": [(effect, names.get(effect.member_id)) for effect in effects],
        "next_before": effects[-1].pk if more else None,
        "left_out": len(blind),
        "may_retry": request.user.has_perm("effects.retry"),
    }
    return render(request, "effects/index.html", context)


@needs("effects.retry", to="retry what Discord refused")
@require_POST
def retry(request: HttpRequest, effect_id: int) -> HttpResponse:
    if delivery.retry(effect_id, request.user):
        messages.success(request, "It is being tried again.")
    else:
        messages.warning(request, "It is not failed any more; nothing was done.")
    return HttpResponseRedirect(reverse("effects"))
