"""The start page by role, /staff/, and the first password."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from growmies_admin import policy
from growmies_admin.accounts import access_trail, resetting, second_factor, telling
from growmies_admin.accounts import staff as acts
from growmies_admin.accounts.forms import InviteForm, PasswordForm
from growmies_admin.accounts.models import Staff
from growmies_admin.accounts.rights import STAFF_CHOICES
from monitoring.people import Request
from monitoring.refusals import Refusal
from monitoring.ui.guards import needs, refuse

may_manage = needs("accounts.manage", to="manage staff")
# The first right that a person has decides where they begin.
_STARTS = (
    ("verification.decide", "inbox"),
    ("verification.settle_disputes", "inbox"),
    ("appeals.decide", "inbox"),
    ("maintenance.run", "maintenance"),
    ("accounts.manage", "staff"),
    ("panels.view_status", "mobile"),
)


@login_required
@require_GET
def home(request: Request) -> HttpResponse:
    for right, name in _STARTS:
        if request.user.has_perm(right):
            return HttpResponseRedirect(reverse(name))
    return refuse(request, "You have no role yet.")


@may_manage
@require_http_methods(["GET", "POST"])
def index(request: Request) -> HttpResponse:
    """Everybody on staff; the form invites one more."""
    form = InviteForm(request.POST or None)
    link = request.session.pop("staff_link", "")
    if request.method == "POST" and form.is_valid():
        found, link = acts.invite(
            form.cleaned_data["username"],
            by=request.user,
            roles=form.cleaned_data["roles"],
            email=form.cleaned_data["email"],
            discord_id=form.cleaned_data["discord_id"],
        )
        messages.success(request, f"{found} is invited.")
        form = InviteForm()
    people = Staff.objects.prefetch_related("roles").order_by("-is_active", "username")
    context = {
        "people": second_factor.of_all(people),
        "form": form,
        "link": link,
        "roles": STAFF_CHOICES,
        "reset_grace": policy.SECOND_FACTOR_GRACE_AFTER_RESET,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "staff/index.html", context, status=status)


@may_manage
@require_POST
def change(request: Request, pk: int) -> HttpResponse:
    """Roles, leaving and coming back, by the button that was pressed."""
    person = get_object_or_404(Staff, pk=pk)
    by: Staff = request.user
    try:
        match request.POST.get("act"):
            case "roles":
                acts.set_roles(person, request.POST.getlist("roles"), by=by)
                messages.success(request, f"{person}: roles changed.")
            case "deactivate":
                acts.deactivate(person, by=by)
                messages.success(request, f"{person} is signed out and can't sign in any more.")
            case "reactivate":
                acts.reactivate(person, by=by)
                messages.success(request, f"{person} may sign in again.")
            case "factor":
                told_by = resetting.reset(person, by=by)
                say = messages.success if told_by else messages.warning
                done = f"{person} has no second factor any more and is signed out everywhere."
                say(request, f"{done} {telling.outcome(person, told_by)}")
            case "password":
                request.session["staff_link"] = acts.new_password_link(person, by=by)
            case _:
                return refuse(request, "That is no act on staff.", status=422)
    except (Refusal, ValueError) as why:
        messages.error(request, str(why))
    return HttpResponseRedirect(reverse("staff"))


@login_required
@require_GET
def no_mail(request: Request) -> HttpResponse:
    """allauth's page of e-mail addresses: administrators give them."""
    return refuse(request, "Administrators give addresses, with the invitation.", status=404)


@require_GET
def forgotten_password(request: Request) -> HttpResponse:
    """No e-mail is sent: an administrator makes a one-time link."""
    return render(request, "staff/forgotten.html")


@require_http_methods(["GET", "POST"])
def first_password(request: Request, uid: str, token: str) -> HttpResponse:
    """The one-time link of an invitation: sets the password, then signs in with every stage."""
    try:
        person = Staff.objects.get(pk=int(force_str(urlsafe_base64_decode(uid))), is_active=True)
    except (ValueError, Staff.DoesNotExist):
        person = None
    if person is None or not acts.password_links.check_token(person, token):
        sentence = "This link was used already, or is too old. Ask for a new invitation."
        return render(request, "404.html", {"sentence": sentence}, status=404)
    form = PasswordForm(request.POST or None, staff=person)
    if request.method != "POST" or not form.is_valid():
        return render(request, "staff/password.html", {"form": form, "person": person})
    logout(request)  # whoever used this browser before
    with transaction.atomic():
        person.set_password(form.cleaned_data["password"])
        person.save(update_fields=["password"])
        acts.end_sessions(person)
        access_trail.password_chosen(request, person)
    first_page = "home" if second_factor.has_one(person) else "mfa_index"
    by_link = {"by": access_trail.How.LINK.value}
    answer: HttpResponse = perform_login(
        request, person, redirect_url=reverse(first_page), signal_kwargs=by_link
    )
    return answer
