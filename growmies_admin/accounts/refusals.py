"""Why a token opens nothing, or not this."""

from monitoring.refusals import Meaning, Refusal, declare

__all__ = ["Refusal"]

declare(
    {
        "token_unknown": Meaning("no such token was ever made", 401),
        "token_revoked": Meaning("it was revoked, or its owner left staff", 401),
        "token_expired": Meaning("its time is over", 401),
        "owner_left": Meaning("its owner may not sign in any more", 401),
        "second_factor_missing": Meaning("its owner must add a second factor first", 401),
        "scope_missing": Meaning("it was not made for this", 403),
        "right_missing": Meaning("its owner has no role that may do this", 403),
    }
)
