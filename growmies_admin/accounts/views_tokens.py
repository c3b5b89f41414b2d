"""/staff/tokens/: keys to the admin API."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from growmies_admin import policy
from growmies_admin.accounts import tokens
from growmies_admin.accounts.forms import TokenForm
from growmies_admin.accounts.models import ApiToken
from monitoring.ui.guards import needs

may_manage = needs("accounts.manage", to="manage API tokens")


@may_manage
@never_cache
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """All tokens; the form makes one more. Its plain text is in that one answer only."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    made = None
    plain = ""
    if form.is_valid():
        try:
            made, plain = tokens.issue(
                form.cleaned_data["name"],
                owner=form.cleaned_data["owner"],
                scopes=form.cleaned_data["scopes"],
                by=request.user,  # type: ignore[arg-type]
                life=form.cleaned_data["days"],
            )
            form = TokenForm()
        except tokens.NotIssued as why:
            form.add_error(None, str(why))
    found = ApiToken.objects.select_related("owner")
    context = {
        "live": found.live().order_by("name", "pk"),
        "ended": found.ended().order_by("-pk")[: policy.API_TOKENS_ENDED_SHOWN],
        "form": form,
        "made": made,
        "plain": plain,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "staff/tokens.html", context, status=status)


@may_manage
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken.objects.select_related("owner"), pk=pk)
    if tokens.revoke(token, by=request.user):  # type: ignore[arg-type]
        messages.success(request, f"{token} is revoked; whatever used it is refused from now on.")
    else:
        messages.warning(request, f"{token} was revoked already.")
    return HttpResponseRedirect(reverse("staff_tokens"))
