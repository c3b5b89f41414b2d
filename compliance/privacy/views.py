"""/members/<id>/erase/: what would go and can't come back, and the act itself."""

import structlog
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from compliance.members import blinds
from compliance.members.models import Member
from compliance.members.names import is_snowflake
from compliance.members.views import known, nobody
from compliance.privacy import erasure, forms
from compliance.refusals import Refusal
from compliance.verification.metrics import count_failure
from monitoring.people import Request
from monitoring.ui import acts
from monitoring.ui.guards import needs

log = structlog.get_logger(__name__)


@needs("privacy.erase", to="erase members")
@require_http_methods(["GET", "POST"])
def erase(request: Request, snowflake: str) -> HttpResponse:
    """GET asks for the id, typed, and a reason; POST with both erases."""
    found = known().filter(pk=int(snowflake)).first() if is_snowflake(snowflake) else None
    if found is None:
        return nobody(request, "No member of this id is known here.")
    if request.method != "POST":
        return _confirm(request, found)
    try:
        said = acts.read(forms.Erase, request)
        if said["typed"] != str(found.pk):
            return _confirm(request, found, "Type the id exactly as it is shown.", 422)
        erased = erasure.erase(found, by=request.user, reason=said["reason"])
    except Refusal as refusal:
        return _confirm(request, found, refusal.sentence, refusal.status)
    except OSError as error:
        log.error("erasure_store_unusable", errno=error.errno)
        count_failure()
        sentence = "The evidence store can't be written: a picture would stay. Nothing was erased."
        return _confirm(request, found, sentence, 503)
    messages.success(request, f"Erased for good: {erased.in_words()}.")
    return HttpResponseRedirect(reverse("members"))


def _confirm(request: Request, member: Member, wrong: str = "", status: int = 200) -> HttpResponse:
    refusal = erasure.why_not(member)
    context = {
        "member": member,
        "blind": member.pk in blinds.member_ids(request.user),
        "removed": erasure.count_of(member),
        "reasons": erasure.Reason.choices,
        "wrong": wrong,
        "refused": refusal.sentence if refusal and not wrong else "",
    }
    return render(request, "privacy/erase.html", context, status=status)
