"""What members read about their appeal. Staff are never named."""

from compliance import policy
from monitoring.discord_words import sentence
from monitoring.ui.words import span

RECEIVED = (
    "We have your appeal. Someone other than the original reviewer reads it, together with the "
    "decision and its reason. By design no picture of an ID is kept for appeals, so nobody looks "
    "at that again. You'll hear from us here."
)
LINK_LIFE = (
    f"It works for {span(policy.UPLOAD_LINK_LIFE)}; after that /verify gives you a fresh one."
)


def upheld(note: str) -> str:
    return (
        "Someone else has read your appeal, and the decision stands. A note from the team: "
        f"{sentence(note)} You may type /verify to send another picture."
    )


def granted(note: str) -> str:
    words = f" A note from the team: {sentence(note)}" if note else ""
    return f"Your appeal was granted: you may send your picture again at once.{words}"
