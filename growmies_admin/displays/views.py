"""/displays/: the screens on the wall; pairing, changing and revoking them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from growmies_admin import policy
from growmies_admin.accounts.models import Staff
from growmies_admin.displays import codes, listing, pairing, screens
from growmies_admin.displays.forms import CodeForm, DisplayForm, RevokeForm
from growmies_admin.displays.models import Board, Display, Pairing
from monitoring.people import Request
from monitoring.refusals import Refusal
from monitoring.ui.guards import needs

may_see = needs("displays.view", to="see the displays")
may_manage = needs("displays.manage", to="pair, change or revoke displays")


@may_see
@never_cache
@require_GET
def index(request: Request) -> HttpResponse:
    return _index(request, CodeForm())


@may_see
@never_cache
@require_GET
def display(request: Request, pk: int) -> HttpResponse:
    return _display(request, pk, None)


@may_manage
@never_cache
@require_POST
def code(request: Request) -> HttpResponse:
    """What screen shows this code; nothing is changed yet."""
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _index(request, form, status=422)
    try:
        found = pairing.look_up(form.cleaned_data["code"], by=_by(request))
    except Refusal as why:
        form.add_error("code", str(why))
        return _index(request, form, status=422)
    if found.display is not None:
        return _done(request, found.display, is_new=False)
    return _confirm(request, found, form.cleaned_data["code"], None)


@may_manage
@never_cache
@require_POST
def confirm(request: Request) -> HttpResponse:
    """The screen that shows this code becomes a display."""
    which, form = CodeForm(request.POST), DisplayForm(request.POST)
    if not which.is_valid():
        return _index(request, which, status=422)
    entered = which.cleaned_data["code"]
    try:
        if form.is_valid():
            paired, is_new = pairing.confirm(entered, by=_by(request), **form.cleaned_data)
            return _done(request, paired, is_new=is_new)
        found = pairing.look_up(entered, by=_by(request))
    except Refusal as why:
        if why.details.get("field") != "name":
            which.add_error("code", str(why))
            return _index(request, which, status=422)
        form.add_error("name", str(why))
        found = pairing.look_up(entered, by=_by(request))
    return _confirm(request, found, entered, form, status=422)


@may_manage
@never_cache
@require_POST
def change(request: Request, pk: int) -> HttpResponse:
    """Another name or board."""
    found = get_object_or_404(Display, pk=pk)
    form = DisplayForm(request.POST)
    if not form.is_valid():
        return _display(request, pk, form, status=422)
    name, board = form.cleaned_data["name"], form.cleaned_data["board"]
    try:
        if screens.change(found, name=name, board=board, by=_by(request)):
            shows = Board(board).label.lower()
            messages.success(request, f"{name} shows the {shows} board within seconds.")
    except Refusal as why:
        form.add_error("name", str(why))
        return _display(request, pk, form, status=422)
    return HttpResponseRedirect(reverse("display", args=[pk]))


@may_manage
@require_POST
def revoke(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(Display, pk=pk)
    form = RevokeForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"{found} was not revoked: say why, in 200 characters at most.")
    elif screens.revoke(found, by=_by(request), reason=form.cleaned_data["reason"]):
        messages.success(request, f"{found} is revoked; its screen says so within seconds.")
    else:
        messages.warning(request, f"{found} had ended already.")
    return HttpResponseRedirect(reverse("display", args=[pk]))


def _display(
    request: Request, pk: int, form: DisplayForm | None, status: int = 200
) -> HttpResponse:
    found = get_object_or_404(Display.objects.select_related("paired_by", "ended_by"), pk=pk)
    context = {
        "display": found,
        "unseen_life": policy.DISPLAY_UNSEEN_LIFE,
        "form": form or DisplayForm(initial={"name": found.name, "board": found.board}),
        "may_manage": request.user.has_perm("displays.manage"),
    }
    return render(request, "displays/display.html", context, status=status)


def _index(request: Request, form: CodeForm, status: int = 200) -> HttpResponse:
    tab, after = request.GET.get("tab", ""), request.GET.get("after", "")
    tab = tab if tab in listing.TABS else "live"
    context: dict[str, Any] = {
        "tab": tab,
        "page": listing.page(tab, after),
        "later": bool(after),
        "tabs": listing.TABS,
        "unseen_life": policy.DISPLAY_UNSEEN_LIFE,
        "ended_kept": policy.DISPLAY_ENDED_RETENTION,
        "form": form,
        "may_manage": request.user.has_perm("displays.manage"),
    }
    return render(request, "displays/index.html", context, status=status)


def _confirm(
    request: Request,
    found: Pairing,
    entered: str,
    form: DisplayForm | None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "pairing": found,
        "code": codes.in_words(entered),
        "unseen_life": policy.DISPLAY_UNSEEN_LIFE,
        "form": form or DisplayForm(initial={"board": found.board}),
    }
    return render(request, "displays/confirm.html", context, status=status)


def _done(request: Request, display: Display, *, is_new: bool) -> HttpResponse:
    if is_new:
        messages.success(
            request, f"{display} is paired; its screen goes on to the board by itself."
        )
    else:
        messages.warning(request, f"This screen was paired already, as {display}.")
    return _back()


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("displays"))


def _by(request: Request) -> Staff:
    return request.user
