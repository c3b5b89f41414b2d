"""Numbers of policy for observing and running things, with units."""

from datetime import timedelta

AUDIT_SEAL_EVERY = timedelta(seconds=3)
AUDIT_SEAL_BATCH = 5_000  # entries a transaction
AUDIT_STRETCH = 100_000  # links that verification checks in one go
AUDIT_VERIFY_PROCESSES = 2
AUDIT_HEAD_EVERY = timedelta(minutes=1)  # so much of the newest is not held from outside yet
# Nothing written, or nothing delivered, for longer: /health is degraded, AuditHeadOld or
# AuditHeadsNotDelivered fires.
AUDIT_HEAD_OLD = timedelta(minutes=5)
AUDIT_HEAD_UNSEALED = 1_000  # entries that wait for the sealer and are named in one head
AUDIT_HEADS_A_POST = 500  # lines that the webhook gets at a time
AUDIT_HEADS_POSTING = timedelta(seconds=20)  # one run sends for so long; the next goes on
AUDIT_HEADS_TIMEOUT = timedelta(seconds=5)

HEALTH_SAMPLE_EVERY = timedelta(seconds=2)
HEALTH_SAMPLE_MAX_AGE = timedelta(seconds=5)  # an older sample is unhealthy
HEALTH_CHECK_BOUND = timedelta(seconds=2)
DATABASE_ROLES_LOOK_EVERY = timedelta(minutes=5)
HEALTH_ALL_BOUND = timedelta(seconds=5)

PROMETHEUS_TIMEOUT = timedelta(seconds=3)
PROMETHEUS_CACHE = timedelta(seconds=4)  # shorter than a board's refresh
RESOURCE_SAMPLE_EVERY = timedelta(seconds=15)
RESOURCE_SAMPLE_MAX_AGE = timedelta(seconds=60)  # an older one is not shown any more
RESOURCE_COOL_DOWN = timedelta(minutes=5)  # guide: 300 s, per kind and severity
RESOURCE_HELD = 3  # samples in a row past the threshold before it counts
RESOURCE_ALERT_GRACE = timedelta(minutes=1)  # beyond the cool-down, for the next crossing to come
RESOURCE_CROSSING_RETENTION = timedelta(days=90)

PROBE_EVERY = timedelta(seconds=30)
PROBES_AT_A_TIME = 32
PROBE_TIMEOUT = timedelta(seconds=5)
DISCORD_STATUS_EVERY = timedelta(seconds=60)
CERTIFICATE_SOON = timedelta(days=14)  # marked on /uptime/, as CertificateExpiring warns
OUTSIDE_MAX_AGE = timedelta(minutes=5)  # what was seen outside is not exported after this

WORKER_QUEUES = ("default", "maintenance", "alerts")
FIGURES_FRESH = timedelta(seconds=4)  # what the worker's exporter reads is read again after this
FIGURES_BOUND = timedelta(seconds=3)  # a source that takes longer is absent from the scrape

SCRAPE_EVERY = timedelta(seconds=5)  # docker/prometheus/prometheus.yml
WALL_REFRESH = timedelta(seconds=5)
BOARD_STALE = 3  # times the slower of a panel's refresh and its source's interval
BOARD_WAIT = timedelta(seconds=1)  # for figures that nobody has asked for lately
BOARD_KEPT_FRESH = timedelta(seconds=60)  # after the last asker
BOARD_LAST_KEPT = timedelta(hours=24)  # the last figures, while there are no newer ones
KEPT_OFFLINE = timedelta(days=400)  # how long a browser knows that it keeps /mobile/
BOARD_ZONE = "America/New_York"
CLOCK_WRONG = timedelta(minutes=1)  # a screen whose clock is further off says so

JOB_ALIVE_EVERY = timedelta(seconds=10)  # how often a worker says that it still runs a job
JOB_MAX_SILENCE = timedelta(minutes=1)  # then the run goes back to the queue
JOB_LEFT_LYING = timedelta(seconds=15)  # since it was asked for, and no worker has begun it
JOB_ATTEMPTS = 3  # a run whose worker died so often is lost

SCORE_CRITICAL_CHECK, SCORE_OTHER_CHECK = 40, 4
SCORE_CRITICAL_ALERT, SCORE_CRITICAL_ALERTS_AT_MOST = 20, 40
SCORE_WARNING, SCORE_WARNINGS_AT_MOST = 2, 10
SCORE_OVERDUE_REVIEW, SCORE_OVERDUE_REVIEWS_AT_MOST = 2, 6
SCORE_OLD_BACKUP = 5


JOB_RUN_RETENTION = timedelta(days=365)
JOB_WATCH_EVERY = timedelta(seconds=20)

ALERT_PAYLOAD_BYTES = 16 * 1024**2  # some 15,000 alerts of usual size in one webhook
ALERTS_TRUNCATED_MOST = 1_000_000  # left out of one webhook; more is no count
ALERT_RETENTION = timedelta(days=400)  # resolved alerts, with their events and messages
DELIVERY_TEST_RETENTION = timedelta(days=30)  # messages of "send a test", bundles

ALERT_RESEND_EVERY = timedelta(seconds=15)  # our own alerts, to Alertmanager, while they are true
ALERT_RAISED_LIFE = timedelta(minutes=3)  # Alertmanager ends them when we send no more
ALERT_DIRECT_AFTER = timedelta(seconds=30)  # Alertmanager was silent: critical alerts go past it
ALERTMANAGER_TIMEOUT = timedelta(seconds=3)
ALERT_RECONCILE_EVERY = timedelta(seconds=30)
ALERT_UNCONFIRMED_AFTER = BOARD_STALE * ALERT_RECONCILE_EVERY  # boards say how old alerts are
ALERT_VANISHED_AFTER = timedelta(minutes=5)  # not in Alertmanager any more: over
ALERT_DENIED_AFTER = timedelta(seconds=45)  # the same, and its rule in Prometheus says so too
ALERT_REOPEN_AFTER = timedelta(minutes=1)  # since its end came in, if Alertmanager says it fires
WATCHDOG = "Watchdog"
WATCHDOG_SILENT_AFTER = timedelta(minutes=5)  # it comes every minute

DELIVERY_EVERY = timedelta(seconds=5)
DELIVERY_LEFT_LYING = timedelta(seconds=30)  # after its time; what sends looks every few seconds
DELIVERY_LEASE = timedelta(minutes=2)  # longer than any try: redirects each have a time-out
DELIVERY_TIMEOUT = timedelta(seconds=10)
DELIVERY_GIVE_UP = timedelta(hours=24)  # a channel that stays away so long is not told
DELIVERY_TEST_GIVE_UP = timedelta(minutes=2)
DELIVERY_BACKOFF = timedelta(seconds=2)  # doubles with each attempt, up to:
DELIVERY_BACKOFF_AT_MOST = timedelta(minutes=5)
DELIVERY_BACKLOG = 25  # messages that may wait for one target; the rest goes into one bundle
DELIVERY_ANSWER_BYTES = 1024**2  # of an answer to a message; a larger one is none
DELIVERY_REDIRECTS = 3  # each is looked at as the first address is
DELIVERY_BUNDLE_EVERY = timedelta(seconds=10)
DELIVERY_TESTS = (3, timedelta(minutes=1))  # "send a test", a person and channel
# Messages that one person may get by one channel, of everything that is sent to them; what is
# more is bundled (as GoAlert does). Alerts address persons by SMS only.
PERSON_MESSAGE_LIMITS = (
    (5, timedelta(minutes=15)),
    (11, timedelta(hours=1)),
    (21, timedelta(hours=3)),
)
ALERT_QUOTE = 100  # characters of a member's text in a message about a violation
ALERT_CHART_BEFORE = timedelta(minutes=60)
ALERT_CHART_AFTER = timedelta(minutes=30)
SILENCES = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))
SILENCE_AT_MOST = timedelta(days=14)
SILENCE_ELSEWHERE_AT_MOST = timedelta(days=7)  # one that was not made here; longer: an alert

INCIDENT_REJOIN = timedelta(minutes=30)  # its alerts fire again so soon: the same incident
INCIDENT_NEAR = timedelta(minutes=30)  # job runs and deploys so long before belong to it
INCIDENT_FIGURES_PERIOD = timedelta(days=30)  # of MTTA and MTTR beside the list
INCIDENT_FIGURES_SPANS = tuple(timedelta(days=n) for n in (7, 30, 90))  # on the page of figures
ESCALATION_EVERY = timedelta(seconds=10)
ESCALATION_AUDIT_EVERY = timedelta(minutes=1)
ESCALATION_LATE = timedelta(seconds=30)  # a step later than this is a fault of ours
ESCALATION_MESSAGE_LATE = timedelta(minutes=2)  # a message that waits longer: the same
ESCALATION_LOOK_AHEAD = timedelta(days=14)  # gaps of the rotas are shown so far
INCIDENT_MESSAGE_GIVE_UP = timedelta(minutes=10)  # others are called meanwhile
ALERT_SUMMARY_SHOWN = 200  # characters, in lists and headings: anybody may write an annotation
ALERT_TEXTS_SHOWN = 10_000  # characters of its labels and annotations in all, on an alert's page
MOMENTS_AHEAD = timedelta(days=5 * 365 + 2)  # times that are handed in lie no further ahead
WINDOW_AT_MOST = timedelta(hours=24)

KPI_TODAY_EVERY = timedelta(minutes=5)
KPI_BACKFILL = timedelta(days=30)  # a missed day is taken so long; Prometheus knows no more
KPI_SHOWN = timedelta(days=90)
KPI_RETENTION = timedelta(days=3 * 366)
KPI_TOO_FEW = 5  # figures of fewer people or cases than this are not shown
KPI_COUNTED_SHARE = 0.9  # a day of which less was counted is not measured
KPI_UPTIME_TARGET = 0.999
KPI_OTHER_BOTS_TARGET = 0.99
