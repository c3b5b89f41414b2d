"""/moderation/: cases, one case, and the acts on it. Thin: parse, one act, show what is there."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.desk import relations, undoing
from compliance.members import names
from compliance.members.models import Member
from compliance.moderation import forms, listing, overruling, reasons, recording
from compliance.moderation import messages as words_of
from compliance.moderation.models import NOTE_MOST, WORDS_MOST, Case, Kind, Severity, Source
from compliance.refusals import Refusal
from monitoring.people import Person, Request
from monitoring.ui import acts, refused
from monitoring.ui.guards import needs

may_view = needs("cases.view", to="see cases")
may_record = needs("cases.record", to="record cases")
may_overrule = needs("cases.overrule", to="overrule cases of others")


@may_view
@require_GET
def index(request: Request) -> HttpResponse:
    filters = listing.Filters.from_query(request.GET)
    page = listing.page(filters, request.user)
    context = {
        "filters": filters,
        "page": page,
        "rows": [listing.row_of(case) for case in page.rows],
        "kinds": Kind.choices,
        "reasons": reasons.everything().values(),
    } | undoing.context(request.user)
    return render(request, "moderation/index.html", context)


@may_view
@require_GET
def show(request: Request, number: int) -> HttpResponse:
    return _page(request, number)


@may_record
@require_http_methods(["GET", "POST"])
def record(request: Request, snowflake: str) -> HttpResponse:
    """The form for one member; POST records a case and leads to it."""
    member = _member(snowflake)
    if member is None:
        sentence = "No member of this id has been seen in the guild."
        return render(request, "404.html", {"sentence": sentence}, status=404)
    if relations.is_own(request.user, member.pk):
        return refused.as_page(request, Refusal("own"))
    if request.method == "GET":
        return _form(request, member)
    try:
        said = acts.read(forms.Record, request)
        draft = recording.Draft(
            said["kind"],
            member.pk,
            said["reason"],
            words=said["words"],
            note=said["note"],
            severity=said["severity"],
        )
        case = recording.record(draft, by=request.user, source=Source.WEB, key=said["key"])
    except Refusal as refusal:
        return _form(request, member, refusal)
    return HttpResponseRedirect(reverse("case", args=[case.number]))


@may_record
@require_POST
def note(request: Request, number: int) -> HttpResponse:
    try:
        said = acts.read(forms.Note, request)
        recording.add_note(number, by=request.user, text=said["text"])
    except Refusal as refusal:
        return _page(request, number, refusal)
    messages.success(request, "Noted.")
    return HttpResponseRedirect(reverse("case", args=[number]))


@may_overrule
@require_POST
def overrule(request: Request, number: int) -> HttpResponse:
    """`why`, for the record."""
    try:
        said = acts.read(forms.Overrule, request)
        overruling.overrule(number, staff=request.user, why=said["why"])
    except Refusal as refusal:
        return _page(request, number, refusal)
    messages.success(request, "Overruled. The case stays on record, and doesn't count any more.")
    return HttpResponseRedirect(reverse("case", args=[number]))


@may_record
@require_POST
def take_back(request: Request, number: int) -> HttpResponse:
    """One's own, within the undo window."""
    try:
        overruling.take_back(number, staff=request.user)
    except Refusal as refusal:
        return _page(request, number, refusal)
    messages.success(request, "Taken back. The member is told nothing.")
    return HttpResponseRedirect(reverse("case", args=[number]))


def _member(snowflake: str) -> Member | None:
    if not names.is_snowflake(snowflake):
        return None
    return Member.objects.filter(pk=int(snowflake)).first()


def _form(request: Request, member: Member, refusal: Refusal | None = None) -> HttpResponse:
    listed = reasons.everything().values()
    context = {
        "member": member,
        "refusal": refusal,
        "kinds": Kind.choices,
        "kind": request.POST.get("kind") or request.GET.get("kind") or Kind.WARNING.value,
        "reasons": listed,
        "severities": Severity.choices,
        "key": request.POST.get("key") or uuid.uuid4(),
        "words_most": WORDS_MOST,
        "note_most": NOTE_MOST,
        "before": [
            listing.row_of(case)
            for case in Case.objects.of(member.pk)
            .select_related("by", "overruling")
            .order_by("-number")[:5]
        ],
    }
    status = refusal.status if refusal else 200
    return render(request, "moderation/record.html", context, status=status)


def _page(request: Request, number: int, refusal: Refusal | None = None) -> HttpResponse:
    case = Case.objects.select_related("member", "by", "overruling__by").filter(pk=number).first()
    if case is None:
        sentence = "There is no case of that number."
        return render(request, "404.html", {"sentence": sentence}, status=404)
    user: Person = request.user
    not_mine, row = overruling.why_not(case, user), listing.row_of(case)
    context = {
        "case": case,
        "row": row,
        "reason": reasons.get(case.reason),
        "told": words_of.for_case(case) if case.member_id is not None else None,
        "effects": listing.effects_of(case),
        "notes": case.notes.select_related("by").order_by("id"),
        "refusal": refusal,
        "not_mine": not_mine,
        "may_overrule": not_mine is None and user.has_perm("cases.overrule"),
        "may_note": case.member_id is not None
        and user.has_perm("cases.record")
        and not relations.is_own(user, case.member_id),
        "may_take_back": case.by_id == user.pk
        and not row.ended
        and case.undo_until > timezone.now(),
        "words_most": WORDS_MOST,
        "note_most": NOTE_MOST,
    } | undoing.context(user)
    status = refusal.status if refusal else 200
    return render(request, "moderation/case.html", context, status=status)
