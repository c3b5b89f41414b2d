"""What members read about their appeal. Staff are never named."""

from datetime import timedelta

from compliance import policy

_MINUTES = policy.UPLOAD_LINK_LIFE // timedelta(minutes=1)

RECEIVED = (
    "We have your appeal. Somebody else than who decided reads it, together with the decision and "
    "its reason. By design no picture of an ID is kept for appeals, so nobody looks at that again. "
    "You'll hear from us here."
)
LINK_LIFE = f"It works for {_MINUTES} minutes; after that /verify gives you a fresh one."


def upheld(note: str) -> str:
    return (
        "Somebody else has read your appeal, and the decision stands. A note from the team: "
        f"{note} You may type /verify to send another picture."
    )


def granted(note: str) -> str:
    words = f" A note from the team: {note}" if note else ""
    return f"Your appeal was granted: you may send your picture again at once.{words}"
