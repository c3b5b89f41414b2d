"""What a person is told of an incident, while it needs somebody; delivery gets it to them.

A message belongs to a step of the escalation: its subject is the step's run.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from monitoring import policy
from monitoring.delivery import outbox, sources, transports
from monitoring.delivery.content import Content, To
from monitoring.delivery.models import Attempt, Kind, Message, State
from monitoring.incidents import metrics, timeline
from monitoring.incidents.models import EscalationStepRun, Incident
from monitoring.incidents.states import LIVE
from monitoring.incidents.states import State as IncidentState
from monitoring.people import Person
from monitoring.tones import Tone
from monitoring.ui.words import duration

_ANSWERS = (timeline.Kind.ACKNOWLEDGED, timeline.Kind.MOVED)


class Incidents(sources.Source):
    """Calls of escalations."""

    name, label = "incidents", "Incidents"
    right = "incidents.view"
    urgency = 0
    give_up = policy.INCIDENT_MESSAGE_GIVE_UP

    def unneeded(self, messages: QuerySet[Message]) -> QuerySet[Message]:
        """Of what is over; and those that say that nobody has answered, while somebody has since
        they were written. What is written after an answer is a call for help, and goes."""
        runs = EscalationStepRun.objects.filter(pk=OuterRef("subject_id"))
        over = runs.exclude(incident__state__in=LIVE)
        answered = runs.exclude(incident__state=IncidentState.OPEN).filter(
            incident__timeline__kind__in=_ANSWERS,
            incident__timeline__recorded_at__gt=OuterRef("created_at"),
        )
        return messages.filter(Q(Exists(over)) | Q(Exists(answered)))

    def content(self, message: Message) -> Content:
        runs = EscalationStepRun.objects.select_related("incident")
        return _about(runs.get(pk=message.subject).incident)

    def bundle(self, bundle: Message, parts: QuerySet[Message]) -> Content:
        runs = EscalationStepRun.objects.filter(pk__in=parts.values("subject_id"))
        incidents = list(Incident.objects.filter(pk__in=runs.values("incident")).order_by("pk"))
        if len(incidents) == 1:
            return _about(incidents[0])
        return Content(
            title=f"{len(incidents)} incidents need somebody",
            text="\n".join(f"{one}: {one.title}" for one in incidents),
            url=settings.PUBLIC_URL + reverse("incidents"),
            key=f"incidents-{bundle.pk}",
            tone=Tone.CRITICAL,
            severity="critical",
        )

    def tried(self, message: Message, outcome: Attempt.Outcome) -> None:
        metrics.incident_messages_total.inc(way=message.channel, outcome=outcome)

    def went(self, message: Message) -> None:
        told = _told_by(message)
        others = f", with {len(told) - 1} others" if len(told) > 1 else ""
        way = transports.words(message.channel)
        for one in told:
            _note(one, f"{one.person} was told by {way}{others}", Tone.MUTED)

    def gave_up(self, message: Message) -> None:
        way = transports.words(message.channel)
        for one in _told_by(message):
            words = f"{one.person} could not be told by {way}: {message.error}"
            _note(one, words, Tone.CRITICAL)

    def subjects(self, ids: Iterable[int]) -> dict[int, sources.Subject]:
        runs = EscalationStepRun.objects.filter(pk__in=list(ids)).select_related("incident")
        return {
            run.pk: sources.Subject(
                f"{run.incident}: {run.incident.title}", run.incident.get_absolute_url()
            )
            for run in runs
        }


SOURCE = sources.register(Incidents())


def call(run: EscalationStepRun, reached: Iterable[tuple[Person, list[str]]]) -> None:
    """Tell these people by these channels, in the transaction of the step."""
    # In one order everywhere, because each holds the limits of one person.
    calls = [
        (channel, person.username, person) for person, channels in reached for channel in channels
    ]
    calls.sort(key=lambda one: one[:2])
    for channel, username, person in calls:
        outbox.want(SOURCE, channel, To(username, person), [run.pk])


def withdraw(incident: Incident) -> None:
    """Somebody has it: what still waits does not go."""
    outbox.drop(SOURCE, incident.step_runs.values_list("pk", flat=True))


def failed(run: EscalationStepRun) -> int:
    """How many people and channels could not be told in this step."""
    return outbox.about(SOURCE, run.pk).filter(state=State.FAILED).count()


def _told_by(message: Message) -> list[Message]:
    if message.kind == Kind.BUNDLE:
        return list(message.parts.filter(state=State.BUNDLED).order_by("id"))
    return [message]


def _note(message: Message, words: str, tone: Tone) -> None:
    run = EscalationStepRun.objects.select_related("incident").get(pk=message.subject)
    timeline.add(
        run.incident,
        timeline.Kind.MESSAGE,
        words,
        source=f"step {run.position}",
        tone=tone,
        at=timezone.now(),
        key=f"message:{message.pk}",
    )


def _about(incident: Incident) -> Content:
    lasts = f"Open for {duration(timezone.now() - incident.opened_at)}"
    text = f"{lasts}, nobody has answered. Acknowledge it there, and nobody else is woken."
    if incident.state != IncidentState.OPEN:
        answer = timeline.last_answer(incident)
        text = f"{lasts}. {answer.by if answer else 'Somebody'} has it and asks for help."
    return Content(
        title=f"{incident} {incident.severity}: {incident.title}",
        text=text,
        url=f"{settings.PUBLIC_URL}{incident.get_absolute_url()}",
        key=f"incident-{incident.pk}",
        tone=Tone.CRITICAL,
        severity=incident.severity,
    )
