"""KPIs of age verification and of who looks after it."""

from compliance import policy
from compliance.verification import kpi_figures
from monitoring.kpis.registry import Kpi, Link, Target, Unit, register
from monitoring.ui.words import span

_QUEUE = Link("The queue", "/queue/", "verification.view")
_QUALITY = Link("Quality of reviews", "/queue/quality/", "verification.decide")
_PERIOD = span(policy.KPI_PERIOD)
_TIMES = ("Median", "90 % within")

register(
    Kpi(
        slug="verification-completion",
        title="Age verification completion rate",
        group="Compliance Metrics",
        place=7,
        definition=f"Of the age verifications opened in {_PERIOD} that have ended, the share that "
        "ended with a decision and not by expiry or withdrawal.",
        formula="(approved + denied) / (approved + denied + expired + withdrawn), opened in the "
        f"{_PERIOD} that end with the day",
        source="requests (PostgreSQL)",
        unit=Unit.SHARE,
        measure=kpi_figures.completion,
        targets=[Target(policy.COMPLETION_TARGET)],
        further=[_QUEUE],
    )
)
register(
    Kpi(
        slug="manual-review-time",
        title="Response time for manual reviews",
        group="Compliance Metrics",
        place=10,
        definition="How long a member waits from sending until a person first decides; meetings "
        "in person left out.",
        formula="median of (first decision by staff − first submission), of requests opened in "
        f"the {_PERIOD} that end with the day",
        source="requests and decisions (PostgreSQL)",
        unit=Unit.SECONDS,
        measure=kpi_figures.review_time,
        targets=[Target(policy.REVIEW_TARGET.total_seconds(), at_least=False)],
        lines=_TIMES,
        further=[_QUEUE, _QUALITY],
    )
)
register(
    Kpi(
        slug="onboarding-completion",
        title="New member onboarding completion rate",
        group="Community Health",
        place=12,
        definition=f"Of the members who joined in {_PERIOD}, the share who were verified within "
        f"{span(policy.ONBOARDING_TIME)} of joining, whether or not they stayed.",
        formula=f"members approved within {span(policy.ONBOARDING_TIME)} of joining / members "
        f"who joined, from {(policy.KPI_PERIOD + policy.ONBOARDING_TIME).days} to "
        f"{span(policy.ONBOARDING_TIME)} before the day",
        source="members and decisions (PostgreSQL)",
        unit=Unit.SHARE,
        measure=kpi_figures.onboarding,
        targets=[Target(policy.ONBOARDING_TARGET)],
        further=[_QUEUE, Link("Members", "/members/", "members.view")],
    )
)
register(
    Kpi(
        slug="moderator-response-time",
        title="Moderator response time",
        group="Community Health",
        place=15,
        definition="How long a request waits until a moderator first takes it up; meetings in "
        "person left out.",
        formula="median of (first claim − first submission), of requests opened in the "
        f"{_PERIOD} that end with the day",
        source="requests and claims (PostgreSQL)",
        unit=Unit.SECONDS,
        measure=kpi_figures.time_until_taken_up,
        targets=[Target(policy.TAKEN_UP_TARGET.total_seconds(), at_least=False)],
        lines=_TIMES,
        further=[_QUEUE],
    )
)
