"""Numbers of policy about members and what is decided about them, with units."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

AGE_THRESHOLD_YEARS = 21
AGE_ZONE = ZoneInfo("America/New_York")

UPLOAD_LINK_LIFE = timedelta(minutes=30)
MORE_REQUESTED_LIFE = timedelta(days=7)
EVIDENCE_EXPIRED_LIFE = timedelta(days=7)
EVIDENCE_LIFE = timedelta(hours=72)  # the consent says it: with another one, raise its version
REVIEW_TARGET = timedelta(hours=4)
IN_PERSON_REVIEW_TARGET = timedelta(days=7)  # two people have to meet
REVIEW_TARGETS = {
    "id_document": REVIEW_TARGET,
    "in_person": IN_PERSON_REVIEW_TARGET,
    "provider": REVIEW_TARGET,  # where the provider is unsure
}
APPEAL_DUE = timedelta(hours=48)  # from the appeal
SECOND_REVIEW_DUE = timedelta(hours=24)  # from the end of the undo window; before the picture goes
DISPUTE_DUE = timedelta(hours=48)  # from the second reviewer's answer
DUE_SOON = timedelta(minutes=30)
CLAIM_LEASE = timedelta(minutes=10)
WRITING_LEASE = timedelta(hours=1)  # of appeals and disputes, whose pages give no sign
ESCALATION_LEASE = timedelta(hours=4)  # asking around takes longer than looking
# A claim ends before its lease where the holder's page gives no sign for so long. Not for
# escalated requests: their holders ask around.
SIGN_VISIBLE_LIFE = timedelta(seconds=60)  # the page is in front; it gives a sign every 20 s
SIGN_HIDDEN_LIFE = timedelta(minutes=5)  # it went behind another tab or window
SIGN_LEFT_LIFE = timedelta(seconds=5)  # it was closed or left; a reloaded one is back by then
UNDO_WINDOW = timedelta(seconds=settings.UNDO_WINDOW_SECONDS)  # 10 unless configured
HELD_ACT_LIFE = timedelta(days=1)  # what came of an act that was held is shown so long
SWEEP_EVERY = timedelta(seconds=5)
PRESENCE_LIFE = timedelta(seconds=15)  # "Also looking": gone so long after the last sign
PRESENCE_PAUSE = timedelta(seconds=5)  # Valkey is not asked again for so long after a failure
BULK_AT_MOST = 200  # requests in one act on many

CONSENT_VERSION = 6  # of the text for a picture of an ID
CONSENT_VERSIONS = {"id_document": CONSENT_VERSION, "in_person": 1, "provider": 1}

# A provider may take its time, and call again while we are down.
PROVIDER_SESSION_LIFE = timedelta(hours=24)
PROVIDER_CLOCK_SKEW = timedelta(minutes=5)  # both ways
PROVIDER_BODY_BYTES = 4096
PROVIDER_EARLIEST_BIRTH_YEAR = 1900

SECOND_REVIEW_SHARE = settings.SECOND_REVIEW_SHARE  # of requests with pictures; 0.05 unless set
QUALITY_PERIOD = timedelta(days=30)

# From the denial on: before that it can't be appealed.
DENIAL_APPEAL_COOL_DOWN = timedelta(hours=settings.DENIAL_APPEAL_COOL_DOWN_HOURS)  # 24 unless set
APPEAL_MAX_LETTERS = 1_000

UPLOAD_MAX_PICTURES = 2
UPLOAD_MAX_BYTES = 10 * 1024 * 1024  # each
UPLOAD_MIN_SIDE = 200  # pixels: below that nobody can read a date
# Read from the header. Phones of 64 megapixels make 9248x6936 and 9280x6944; what they don't
# make is smaller, for it takes more memory to decode.
UPLOAD_MAX_PIXELS = {"JPEG": 2**26, "MPO": 2**26, "HEIF": 2**26}
UPLOAD_MAX_PIXELS_OTHERWISE = 24_000_000  # PNG, WebP
UPLOAD_LINK_ATTEMPTS = 10  # of sending a picture; the database holds it too
# Of all links of a member: whoever asks for fresh ones can't keep the line from others.
UPLOAD_MEMBER_ATTEMPTS = 30
UPLOAD_MEMBER_ATTEMPTS_IN = timedelta(days=1)
UPLOAD_LINE = 8  # uploads that wait, behind the one that is read
UPLOAD_WAIT = timedelta(seconds=30)  # below what proxies wait for an answer
DARKROOM_MEMORY_BYTES = 640 * 1024**2  # of addresses, of the process that opens one picture
DARKROOM_CPU = timedelta(seconds=10)
DARKROOM_LIFE = timedelta(seconds=30)  # a busy machine needs longer than DARKROOM_CPU
DARKROOM_ANSWER_BYTES = 16 * 1024**2
MARKS_AT_ONCE = 2  # revealed pictures
PICTURE_MAX_SIDE = 2_400  # pixels of the re-encoded picture
PICTURE_QUALITY = 85
WATERMARK_OPACITY = 0.18
WATERMARK_DEGREES = 24
WATERMARK_LETTERS_A_SIDE = 72  # of letter height in the longer side
WATERMARK_MIN_LETTERS = 12  # pixels

EFFECT_POLL = timedelta(seconds=1)
# So long a message waits for the role that it tells of; then it says that the role follows.
MESSAGE_WAITS_FOR_ROLE = timedelta(seconds=90)
EFFECT_LEASE = timedelta(seconds=60)
EFFECT_RETRY_FIRST = timedelta(seconds=1)
EFFECT_RETRY_LONGEST = timedelta(minutes=5)
ROSTER_SCAN = timedelta(hours=1)  # and at each READY, and after an event that was not written down
EFFECT_LATE = timedelta(minutes=2)  # due for longer than this: the check fails

# Cleanup of the database (docs/maintenance.md)
FAILED_ATTEMPT_RETENTION = timedelta(days=730)

# KPIs (docs/kpis.md).
KPI_PERIOD = timedelta(days=30)  # that ends with the day
RETENTION_DAYS = (30, 60, 90)
ONBOARDING_TIME = timedelta(days=7)  # from joining to being verified
RETENTION_TARGET = 0.6  # after 30 days
ONBOARDING_TARGET = 0.6
COMPLETION_TARGET = 0.85
TAKEN_UP_TARGET = timedelta(hours=1)  # half of all requests within
APPEAL_TARGET = timedelta(hours=72)
SATISFACTION_TARGET = 4.0
