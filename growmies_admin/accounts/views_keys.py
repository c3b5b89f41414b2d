"""/account/keys/: one's own keys, whether they work at all, and how pictures are revealed."""

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from growmies_admin.accounts import keys
from growmies_admin.accounts.models import Staff
from monitoring.people import Request
from monitoring.refusals import Refusal


@login_required
@require_http_methods(["GET", "POST"])
def index(request: Request) -> HttpResponse:
    """The form; a key that already does something else is refused, and nothing is kept."""
    person: Staff = request.user
    if request.method != "POST":
        return _page(request, keys.of(person))
    if request.POST.get("act") == "reset":
        keys.reset(person)
        messages.success(request, "All keys are as everybody has them at first.")
        return HttpResponseRedirect(reverse("account_keys"))
    wanted = {act: request.POST.get(f"key_{act}", "") for act in keys.DEFAULTS}
    try:
        keys.choose(person, wanted)
    except Refusal as why:
        return _page(request, wanted, why)
    person.single_keys = "single_keys" in request.POST
    person.grey_first = "grey_first" in request.POST
    person.save(update_fields=["single_keys", "grey_first"])
    messages.success(request, "Kept.")
    return HttpResponseRedirect(reverse("account_keys"))


def _page(request: Request, chosen: Mapping[str, str], why: Refusal | None = None) -> HttpResponse:
    fields = [
        {
            "act": act,
            "label": keys.Act(act).label,
            "key": chosen.get(act, ""),
            "default": keys.named(default),
            "error": why.sentence if why and why.details["act"] == act else "",
        }
        for act, default in keys.DEFAULTS.items()
    ]
    return render(request, "staff/keys.html", {"fields": fields}, status=422 if why else 200)
