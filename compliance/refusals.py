"""Why acts of compliance are refused, in words for the person who tried them."""

from compliance import policy
from monitoring.refusals import Meaning, Refusal, declare
from monitoring.ui.words import span

__all__ = ["Refusal"]

_MEGABYTES = policy.UPLOAD_MAX_BYTES // 1024**2
_MEGAPIXELS = max(policy.UPLOAD_MAX_PIXELS.values()) // 10**6
_MEGAPIXELS_OTHERWISE = policy.UPLOAD_MAX_PIXELS_OTHERWISE // 10**6

declare(
    {
        "not_reviewable": Meaning("This request doesn't wait for a review any more."),
        "not_claimed": Meaning("Claim the request first; your claim may have ended."),
        "not_revealed": Meaning("Reveal the picture first: nobody decides unseen.", 422),
        "undo_over": Meaning("The time to undo is over. Only an override can change it now."),
        "own_request": Meaning("You can't review your own request.", 403),
        "own_appeal": Meaning("This is your own appeal.", 403),
        "own_decision": Meaning("Someone other than its author must override a decision.", 403),
        "reason_missing": Meaning("Say why, in words.", 422),
        "disputed": Meaning(
            "Two reviewers disagree about this decision; it is settled among the disputes."
        ),
        "link_unknown": Meaning(
            "This link is not one of ours. Type /verify in Discord to get yours.", 404
        ),
        "link_expired": Meaning(
            "This link has expired. Type /verify in Discord to get a new one.", 410
        ),
        "link_used": Meaning(
            "This link was used already. Type /verify-status to see where it stands."
        ),
        "link_tries": Meaning(
            "This link was tried too often. Type /verify in Discord to get a new one.", 410
        ),
        "tried_out": Meaning(
            "You tried to send a picture too many times. Type /verify again tomorrow.",
            429,
            again=True,
        ),
        "consent_missing": Meaning(
            "Tick that you agree to this check first; nothing was kept.", 422
        ),
        "consent_changed": Meaning(
            "The consent text has changed. Read it again, please; nothing was kept.", 422
        ),
        "picture_missing": Meaning("Choose a picture of your ID first.", 422),
        "picture_too_many": Meaning(
            f"At most {policy.UPLOAD_MAX_PICTURES} pictures, please; nothing was kept.", 422
        ),
        "picture_too_large": Meaning(
            f"A picture may have {_MEGABYTES} MB at most; nothing was kept.", 413
        ),
        "picture_format": Meaning(
            "That is not a JPEG, PNG, WebP or HEIC picture; nothing was kept.", 422
        ),
        "picture_broken": Meaning(
            "That picture can't be read; it may be damaged. Nothing was kept.", 422
        ),
        "picture_small": Meaning(
            "That picture is too small to read "
            f"({policy.UPLOAD_MIN_SIDE} pixels a side at least); nothing was kept.",
            422,
        ),
        "picture_bomb": Meaning(
            "That picture has too many pixels "
            f"({_MEGAPIXELS} megapixels at most, PNG and WebP {_MEGAPIXELS_OTHERWISE}); nothing "
            "was kept.",
            422,
        ),
        "picture_heavy": Meaning(
            "That picture is too large to read. Send a smaller photo; nothing was kept.", 422
        ),
        "line_long": Meaning(
            "Many people are sending pictures right now. Try again in "
            f"{span(policy.UPLOAD_WAIT)}; nothing was kept.",
            429,
            again=True,
        ),
        "sent_again": Meaning("This was cancelled, or sent once more; nothing was kept of it."),
        "store_failed": Meaning(
            "The picture can't be kept or read safely right now; nothing was kept.", 503, again=True
        ),
        "escalated_to_other": Meaning("This was handed to somebody else.", 403),
        "claimed_by_other": Meaning("Somebody else is working on this.", again=True),
        "stale": Meaning("This request has changed since you opened it."),
        "already_decided": Meaning("Somebody decided this already."),
        "evidence_gone": Meaning("The picture has been destroyed.", 410),
        "undo_window": Meaning(
            "A decision about this member can still be taken back; wait some seconds.", again=True
        ),
        "on_staff": Meaning(
            "This person is on staff. An administrator has to let them leave first."
        ),
        "erased_already": Meaning("This member was erased already."),
        "not_attested": Meaning(
            "Tick that you have seen this person and their ID: nobody is approved unseen.", 422
        ),
        "method_off": Meaning(
            "This way of verification is not offered now. Type /verify to see which are."
        ),
        "cooling_down": Meaning("Your last request was denied a short while ago.", again=True),
        "signature_wrong": Meaning("The signature is missing or wrong.", 401),
        "timestamp_skewed": Meaning(
            f"The timestamp is missing, or more than {span(policy.PROVIDER_CLOCK_SKEW)} off.", 401
        ),
        "body_invalid": Meaning("The body is not as docs/provider.md says.", 400),
        "body_too_large": Meaning("The body is too large.", 413),
        "reference_unknown": Meaning("There is no such reference.", 404),
        "reference_answered": Meaning("This reference was answered already, by another delivery."),
        "reference_over": Meaning("This answer is no longer expected."),
        "delivery_reused": Meaning("This delivery id was used for another answer."),
        "waits": Meaning("Your request already waits for a review."),
        "verified": Meaning("You are verified already."),
        "blind": Meaning("Do the blind second review of this member first.", 403),
        "moot": Meaning("Nothing is left to decide here."),
        "words_too_many": Meaning("That is too long.", 422),
        "already_appealed": Meaning("You have appealed this decision already."),
        "open_request": Meaning("You have an open request."),
        "no_denial": Meaning("There is no denial to appeal."),
        "poll_off": Meaning("There is no poll now.", again=True),
        "score_unknown": Meaning("Choose a score, please.", 422),
        "already_answered": Meaning("You have answered already."),
        "provider_off": Meaning("No provider is configured here.", 404),
    }
)
