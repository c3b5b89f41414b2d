"""Adds to an incident's timeline, and reads what happened near its time."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from monitoring import policy
from monitoring.incidents.models import Deploy, Incident, TimelineEntry
from monitoring.maintenance import registry
from monitoring.maintenance.models import UNFINISHED, JobRun, RunState
from monitoring.people import Person
from monitoring.tones import Tone
from monitoring.ui.words import duration

TEXT_AT_MOST = 4000
Kind = TimelineEntry.Kind


def add(
    incident: Incident,
    kind: str,
    text: str,
    *,
    by: Person | None = None,
    source: str = "",
    tone: str = Tone.MUTED,
    at: datetime | None = None,
    key: str = "",
) -> None:
    """Add one entry, in the caller's transaction. With a `key` it is added only once."""
    entry = TimelineEntry(
        incident=incident,
        kind=kind,
        text=text.strip()[:TEXT_AT_MOST],
        by=by,
        source=source[:60],
        tone=tone,
        at=at or timezone.now(),
        key=key,
    )
    TimelineEntry.objects.bulk_create([entry], ignore_conflicts=bool(key))


def last_answer(incident: Incident) -> TimelineEntry | None:
    """The last time that a person acknowledged or moved it: `by` has it since."""
    by_people = incident.timeline.filter(kind__in=(Kind.ACKNOWLEDGED, Kind.MOVED), by__isnull=False)
    return by_people.select_related("by").order_by("-at", "-id").first()


def note_surroundings() -> None:
    """Add the deploys and finished job runs near each live incident, each once."""
    for incident in Incident.objects.live():
        _note_jobs(incident)
        _note_deploys(incident)


def _note_jobs(incident: Incident) -> None:
    near = Q(finished_at__gte=incident.opened_at - policy.INCIDENT_NEAR)
    known = _known(incident, "job:")
    for run in JobRun.objects.filter(near).exclude(state__in=UNFINISHED).order_by("id")[:50]:
        if f"job:{run.pk}" in known:
            continue
        tone = Tone.MUTED if run.state == RunState.SUCCEEDED else Tone.CRITICAL
        add(
            incident,
            Kind.JOB,
            _job_words(run),
            source="job",
            tone=tone,
            at=run.finished_at,
            key=f"job:{run.pk}",
        )


def _note_deploys(incident: Incident) -> None:
    since = incident.opened_at - policy.INCIDENT_NEAR
    known = _known(incident, "deploy:")
    for deploy in Deploy.objects.filter(at__gte=since).order_by("at")[:20]:
        if f"deploy:{deploy.pk}" in known:
            continue
        add(
            incident,
            Kind.DEPLOY,
            f"Version {deploy.version} was rolled out",
            source="deploy",
            at=deploy.at,
            key=f"deploy:{deploy.pk}",
        )


def _known(incident: Incident, beginning: str) -> set[str]:
    found = incident.timeline.filter(key__startswith=beginning)
    return set(found.values_list("key", flat=True))


def _job_words(run: JobRun) -> str:
    try:
        title = registry.get(run.job).title
    except registry.UnknownJob:
        title = run.job
    took = ""
    if run.started_at and run.finished_at:
        took = f", {duration(max(run.finished_at - run.started_at, timedelta(0)))}"
    findings = sum(found.get("tone") != "ok" for found in run.findings)
    more = f", {findings} finding{'s' if findings > 1 else ''}" if findings else ""
    return f"{title} {run.get_state_display().lower()}{took}{more}"
