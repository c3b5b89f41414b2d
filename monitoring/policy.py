"""Numbers of policy for observing and running things, with units."""

from datetime import timedelta

AUDIT_SEAL_EVERY = timedelta(seconds=3)
AUDIT_SEAL_BATCH = 5_000  # entries a transaction

HEALTH_SAMPLE_EVERY = timedelta(seconds=2)
HEALTH_SAMPLE_MAX_AGE = timedelta(seconds=5)  # contract.md: an older sample is unhealthy
HEALTH_CHECK_BOUND = timedelta(seconds=2)
HEALTH_ALL_BOUND = timedelta(seconds=5)

PROMETHEUS_TIMEOUT = timedelta(seconds=3)
PROMETHEUS_CACHE = timedelta(seconds=5)
WALL_REFRESH = timedelta(seconds=5)

JOB_PROGRESS_MAX_SILENCE = timedelta(minutes=10)  # a run without a sign of life is lost

SCORE_CRITICAL_CHECK, SCORE_OTHER_CHECK = 40, 4
SCORE_CRITICAL_ALERT, SCORE_CRITICAL_ALERTS_AT_MOST = 20, 40
SCORE_WARNING, SCORE_WARNINGS_AT_MOST = 2, 10
SCORE_OVERDUE_REVIEW, SCORE_OVERDUE_REVIEWS_AT_MOST = 2, 6
SCORE_OLD_BACKUP = 5


JOB_RUN_RETENTION = timedelta(days=365)
JOB_WATCH_EVERY = timedelta(seconds=20)
DISPLAY_SESSION = timedelta(days=30)  # rolling: a wall asks every few seconds

ALERT_PAYLOAD_BYTES = 16 * 1024**2  # some 15,000 alerts of usual size in one webhook

INCIDENT_REJOIN = timedelta(minutes=30)  # its alerts fire again so soon: the same incident
INCIDENT_NEAR = timedelta(minutes=30)  # job runs and deploys so long before belong to it
ESCALATION_EVERY = timedelta(seconds=10)
ESCALATION_AUDIT_EVERY = timedelta(minutes=1)
ESCALATION_LATE = timedelta(seconds=30)  # a step later than this is a fault of ours
ESCALATION_MESSAGE_LATE = timedelta(minutes=2)  # a message that waits longer: the same
ESCALATION_LOOK_AHEAD = timedelta(days=14)  # gaps of the rotas are shown so far
INCIDENT_MESSAGE_LEASE = timedelta(seconds=60)
INCIDENT_MESSAGE_TIMEOUT = timedelta(seconds=10)
INCIDENT_MESSAGE_ATTEMPTS = 5  # with growing pauses, some 5 minutes together
INCIDENT_MESSAGE_BACKOFF = timedelta(seconds=20)  # doubles with each attempt
# Messages that one person gets by one way; what is more comes in one bundle (as GoAlert does).
PERSON_MESSAGE_LIMITS = (
    (5, timedelta(minutes=15)),
    (11, timedelta(hours=1)),
    (21, timedelta(hours=3)),
)
WINDOW_AT_MOST = timedelta(hours=24)
