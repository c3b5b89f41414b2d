"""/staff/tokens/: keys to the admin API; /staff/keys/: one's own, which nobody else opens."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from growmies_admin import policy
from growmies_admin.accounts import tokens
from growmies_admin.accounts.forms import TokenForm
from growmies_admin.accounts.models import ApiToken, Staff
from monitoring.people import Request
from monitoring.refusals import Refusal
from monitoring.ui.guards import needs

may_manage = needs("accounts.manage", to="manage API tokens")


@may_manage
@never_cache
@require_http_methods(["GET", "POST"])
def index(request: Request) -> HttpResponse:
    """All tokens; the form issues one more, which its owner opens."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = tokens.issue(
                form.cleaned_data["name"],
                owner=form.cleaned_data["owner"],
                scopes=form.cleaned_data["scopes"],
                by=request.user,
                life=form.cleaned_data["days"],
            )
            days = policy.API_TOKEN_OPENED_WITHIN.days
            messages.success(
                request,
                f"{made} is issued. {made.owner} opens it at {reverse('staff_keys')} within "
                f"{days} days; nobody else can.",
            )
            form = TokenForm()
        except Refusal as why:
            form.add_error(None, str(why))
    found = ApiToken.objects.select_related("owner")
    context = {
        "live": found.current().order_by("name", "pk"),
        "ended": found.ended().order_by("-pk")[: policy.API_TOKENS_ENDED_SHOWN],
        "form": form,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "staff/tokens.html", context, status=status)


@may_manage
@require_POST
def revoke(request: Request, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.select_related("owner"), pk=pk)
    if tokens.revoke(token, by=request.user):
        messages.success(request, f"{token} is revoked; whatever used it is refused from now on.")
    else:
        messages.warning(request, f"{token} was revoked already.")
    return HttpResponseRedirect(reverse("staff_tokens"))


@login_required
@never_cache
@require_GET
def own(request: Request) -> HttpResponse:
    """One's own tokens, and those that wait to be opened."""
    return _own_page(request)


@login_required
@never_cache
@require_POST
def open_own(request: Request, pk: int) -> HttpResponse:
    """Opens one of one's own. Its plain text is in this one answer only."""
    person: Staff = request.user
    try:
        made, plain = tokens.open_once(pk, owner=person)
    except Refusal as why:
        messages.error(request, str(why))
        return _own_page(request, status=409)
    return _own_page(request, made, plain)


def _own_page(
    request: Request, made: ApiToken | None = None, plain: str = "", status: int = 200
) -> HttpResponse:
    person: Staff = request.user
    context = {
        "waiting": person.api_tokens.waiting().order_by("name", "pk"),
        "live": person.api_tokens.live().order_by("name", "pk"),
        "made": made,
        "plain": plain,
    }
    return render(request, "staff/own_tokens.html", context, status=status)
