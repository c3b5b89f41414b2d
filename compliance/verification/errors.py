"""Why an act was refused, in words for the person who tried it."""

from typing import Any

SENTENCES = {
    "already_there": "That has already been done.",
    "not_allowed": "That can't be done in this state.",
    "not_reviewable": "This request doesn't wait for a review any more.",
    "not_claimed": "Claim the request first; your claim may have ended.",
    "not_revealed": "Reveal the picture first: nobody is approved unseen.",
    "undo_over": "The time to undo is over. Only an override can change it now.",
    "own_request": "You can't review your own request.",
    "own_decision": "Somebody else than its author must override a decision.",
    "reason_missing": "Say why, in words.",
    "disputed": "Two reviewers disagree about this decision; it is settled among the disputes.",
    "link_unknown": "This link is not one of ours. Type /verify in Discord to get yours.",
    "link_expired": "This link has expired. Type /verify in Discord to get a new one.",
    "link_used": "This link was used already. Type /verify-status to see where it stands.",
    "consent_missing": "Tick that you agree to this check first; nothing was kept.",
    "consent_changed": "The consent text has changed. Read it again, please; nothing was kept.",
    "picture_missing": "Choose a picture of your ID first.",
    "picture_too_many": "Two pictures at most, please; nothing was kept.",
    "picture_too_large": "A picture may have 10 MB at most; nothing was kept.",
    "picture_format": "That is not a JPEG, PNG, WebP or HEIC picture; nothing was kept.",
    "picture_broken": "That picture can't be read; it may be damaged. Nothing was kept.",
    "picture_small": "That picture is too small to read (200 pixels a side at least); nothing "
    "was kept.",
    "picture_bomb": "That picture has too many pixels (64 megapixels at most); nothing was kept.",
    "store_failed": "The picture can't be kept or read safely right now; nothing was kept.",
    "escalated_to_other": "This was handed to somebody else.",
    "claimed_by_other": "Somebody else is working on this.",
    "stale": "This request has changed since you opened it.",
    "already_decided": "Somebody decided this already.",
    "evidence_gone": "The picture has been destroyed.",
    "undo_window": "A decision about this member can still be taken back; wait some seconds.",
    "on_staff": "This person is on staff. An administrator has to let them leave first.",
    "erased_already": "This member was erased already.",
    "not_attested": "Tick that you have seen this person and their ID: nobody is approved unseen.",
    "method_off": "This way of verification is not offered now. Type /verify to see which are.",
    "cooling_down": "Your last request was denied a short while ago.",
    "signature_wrong": "The signature is missing or wrong.",
    "timestamp_skewed": "The timestamp is missing, or more than 5 minutes off.",
    "body_invalid": "The body is not as docs/provider.md says.",
    "body_too_large": "The body is too large.",
    "reference_unknown": "There is no such reference.",
    "reference_answered": "This reference was answered already, by another delivery.",
    "reference_over": "Nobody waits for this answer any more.",
    "delivery_reused": "This delivery id was used for another answer.",
    "waits": "Your request already waits for a review.",
    "verified": "You are verified already.",
}


class Refusal(Exception):
    """An act that was refused and changed nothing.

    `code` is stable for code and tests; `sentence` is for people; `details` are facts such
    as who decided, JSON-ready.
    """

    def __init__(self, code: str, sentence: str = "", **details: Any) -> None:
        self.code = code
        self.sentence = sentence or SENTENCES[code]
        self.details = details
        super().__init__(self.sentence)
