"""What members read of a case in Discord. Staff are never named."""

from compliance.moderation import reasons
from compliance.moderation.models import Case, Kind
from monitoring.discord_words import sentence


def about(case: Case) -> str:
    """The subject of its messages: those of another case never take their place."""
    return case.cause


def for_case(case: Case) -> str | None:
    """The direct message; None where the member is told nothing."""
    if case.kind != Kind.WARNING:
        return None
    reason = reasons.get(case.reason)
    because = f", because you {reason.words}" if reason.words else ""
    rule = f" The rule: {sentence(reason.rule)}" if reason.rule else ""
    more = f" {sentence(case.words)}" if case.words else ""
    return f"This is a warning{because}.{rule}{more} It is case {case.number}."


def overruled(case: Case) -> str:
    """The member was told of the case, and it does not count any more."""
    return (
        f"Your warning of case {case.number} was looked at again and taken back. It doesn't count "
        "any more."
    )
