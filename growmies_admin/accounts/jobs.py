"""The pulse of accounts: failed sign-ins that wait to be told together."""

from growmies_admin import policy
from monitoring.maintenance import registry

registry.every(
    "accounts.failed_sign_ins",
    task="growmies_admin.accounts.tasks.tell_failed_sign_ins",
    interval=policy.FAILED_SIGN_INS_TOLD_EVERY,
)
