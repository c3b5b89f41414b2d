"""/maintenance/: jobs, their last runs, and the one that is looked at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from monitoring.maintenance import registry, running, schedule
from monitoring.maintenance import words as in_words
from monitoring.maintenance.models import UNFINISHED, JobRun, RunState, Trigger
from monitoring.people import Request
from monitoring.refusals import Refusal
from monitoring.tones import Tone
from monitoring.ui.guards import needs

BARS = 10
may_see = needs("maintenance.view", to="see maintenance jobs")
_TONES = {
    RunState.QUEUED: Tone.INFO,
    RunState.RUNNING: Tone.INFO,
    RunState.SUCCEEDED: Tone.OK,
    RunState.FAILED: Tone.CRITICAL,
    RunState.LOST: Tone.CRITICAL,
}
_WORDS = {RunState.QUEUED: "queued", RunState.SUCCEEDED: "ok", RunState.FAILED: "failed"}


@dataclass(frozen=True)
class Bar:
    """One run in the row of bars: place and height in a box of 100 by 24."""

    x: int
    y: float
    height: float
    tone: str
    words: str


@dataclass(frozen=True)
class Line:
    """One job, ready to show."""

    job: registry.Job
    last: JobRun | None
    tone: str
    words: str
    bars: list[Bar]
    took: float | None
    next_at: datetime | None
    enabled: bool
    schedule: str  # as it is now, in words


@may_see
@require_GET
def index(request: Request) -> HttpResponse:
    return render(request, "maintenance/index.html", _context(request, None))


@may_see
@require_GET
def show(request: Request, name: str) -> HttpResponse:
    """One job with its newest run; the side panel alone for htmx."""
    try:
        job = registry.get(name)
    except registry.UnknownJob:
        sentence = f"There is no job named {name[:60]!r}."
        return render(request, "404.html", {"sentence": sentence}, status=404)
    if request.htmx:
        return render(request, "maintenance/_job.html", _partial(request, job))
    return render(request, "maintenance/index.html", _context(request, job))


@needs("maintenance.run", to="run maintenance jobs")
@require_POST
def run(request: Request, name: str) -> HttpResponse:
    """Queue a run now; says plainly when it can't be started."""
    try:
        job = registry.get(name)
        running.request_run(name, trigger=Trigger.PERSON, staff=request.user)
    except registry.UnknownJob:
        sentence = f"There is no job named {name[:60]!r}."
        return render(request, "404.html", {"sentence": sentence}, status=404)
    except Refusal as why:
        template = "maintenance/_job.html" if request.htmx else "maintenance/index.html"
        context = _partial(request, job) if request.htmx else _context(request, job)
        return render(request, template, context | {"refusal": str(why)}, status=409)
    if request.htmx:
        return render(request, "maintenance/_job.html", _partial(request, job))
    return HttpResponseRedirect(reverse("job", args=[name]))


def _context(request: Request, job: registry.Job | None) -> dict[str, Any]:
    lines = _lines()
    upcoming = [line.next_at for line in lines if line.next_at]
    context: dict[str, Any] = {
        "lines": lines,
        "running": sum(line.last is not None and line.last.state in UNFINISHED for line in lines),
        "with_findings": sum(line.tone == Tone.WARN for line in lines),
        "next_at": min(upcoming, default=None),
    }
    if job is None and lines:
        job = lines[0].job
    return context | (_side(request, job) if job else {"job": None})


def _partial(request: Request, job: registry.Job) -> dict[str, Any]:
    """The side panel, and the table beside it, which has changed with it."""
    return _side(request, job) | {"lines": _lines(), "oob": True}


def _side(request: Request, job: registry.Job) -> dict[str, Any]:
    last = JobRun.objects.filter(job=job.name).select_related("started_by").order_by("-pk").first()
    before = JobRun.objects.filter(job=job.name, state=RunState.SUCCEEDED).order_by("-pk").first()
    tone, words = _state(job, last)
    return {
        "job": job,
        "run": last,
        "took_before": _took(before),
        "took": _took(last),
        "is_running": last is not None and last.state in UNFINISHED,
        "run_tone": tone,
        "run_words": words,
        "lines_shown": [(text, _clock(stamp)) for stamp, text in (last.lines if last else [])],
        "may_run": request.user.has_perm("maintenance.run"),
    }


def _lines() -> list[Line]:
    """Every job with its last ten runs: one query for runs, one for the schedule."""
    entries = schedule.entries()
    now = timezone.now()
    recent: dict[str, list[JobRun]] = {}
    for run in _newest():
        recent.setdefault(run.job, []).insert(0, run)
    lines = []
    for job in registry.all_jobs():
        runs, entry = recent.get(job.name, []), entries.get(job.name)
        last = runs[-1] if runs else None
        tone, words = _state(job, last)
        lines.append(
            Line(
                job=job,
                last=last,
                tone=tone,
                words=words,
                bars=_bars(runs),
                took=_took(last),
                next_at=schedule.next_due(entry, now) if entry else None,
                enabled=bool(entry and entry.enabled),
                schedule=(
                    in_words.of_schedule(entry.crontab.schedule)
                    if entry and entry.crontab
                    else job.schedule_words
                ),
            )
        )
    return lines


def _newest() -> QuerySet[JobRun]:
    """The last runs of each job, its newest first; by their index, however long the history is."""
    found = JobRun.objects.defer("lines", "error", "step").order_by("-pk")
    each = [found.filter(job=job.name)[:BARS] for job in registry.all_jobs()]
    return JobRun.objects.none().union(*each, all=True)


def _state(job: registry.Job, last: JobRun | None) -> tuple[str, str]:
    if last is None:
        return Tone.MUTED, "never ran"
    state = RunState(last.state)
    if state == RunState.RUNNING:
        return Tone.INFO, f"running {last.progress} %"
    problems = [f for f in last.findings if f.get("tone") != "ok"]
    if state == RunState.SUCCEEDED and problems:
        return Tone.WARN, f"{len(problems)} finding{'s' if len(problems) > 1 else ''}"
    if state == RunState.SUCCEEDED and timezone.now() - last.queued_at > job.every * 1.2:
        return Tone.WARN, "late"
    return _TONES[state], _WORDS.get(state, state.label.lower())


def _bars(runs: list[JobRun]) -> list[Bar]:
    longest = max((_took(run) or 0 for run in runs), default=0) or 1
    bars = []
    for at, run in enumerate(runs, start=BARS - len(runs)):
        height = 6 + 18 * min((_took(run) or 0) / longest, 1)
        tone = _TONES[RunState(run.state)]
        bars.append(Bar(at * 10, 24 - height, height, tone, run.get_state_display()))
    return bars


def _took(run: JobRun | None) -> float | None:
    """Seconds from start to end, or until now while it runs."""
    if run is None or run.started_at is None:
        return None
    return ((run.finished_at or timezone.now()) - run.started_at).total_seconds()


def _clock(stamp: str) -> str:
    return f"{timezone.localtime(datetime.fromisoformat(stamp)):%H:%M:%S}"
