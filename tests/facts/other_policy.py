"""A plugin of pytest: numbers of policy are others than they are, before anything reads them."""

from datetime import timedelta

from compliance import policy

policy.EVIDENCE_LIFE = timedelta(hours=46)
policy.AGE_THRESHOLD_YEARS = 24
policy.UNDO_WINDOW = timedelta(seconds=17)
policy.CLAIM_LEASE = timedelta(minutes=13)
policy.DENIAL_APPEAL_COOL_DOWN = timedelta(hours=29)
policy.UPLOAD_LINK_LIFE = timedelta(minutes=41)
