"""Every setting of the site, read from the environment in this one place.

The table of all variables stands in docs/operations.md. A missing or malformed
variable stops the start with one line that names it.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from growmies_admin import log_setup, policy
from growmies_admin.environment import (
    channels,
    commit,
    database,
    declared,
    env,
    evidence_keys,
    fingerprint,
    integer,
    kpi_targets,
    methods,
    monitor,
    networks,
    number,
    other_bots,
    other_database,
    port,
    probes,
    required,
    service,
    smtp_url,
    stop,
    url,
)
from monitoring.delivery import setting

BASE_DIR = Path(__file__).resolve().parent.parent
# --- Where things are -------------------------------------------------------

PORT_BASE = port("GROWMIES_PORT_BASE", 8000)
DATA_DIR = Path(env.str("GROWMIES_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
PRACTICE = env.str("GROWMIES_PRACTICE", default="") == "1"
PUBLIC_URL = service("PUBLIC_URL", f"http://localhost:{PORT_BASE}")

# Who may say for whom a request came, and whether by https. growmies_admin/edge/addresses.py
# reads it once, so REMOTE_ADDR is the client everywhere: here, in django-allauth, in the logs.
TRUSTED_PROXIES = networks("TRUSTED_PROXIES")
IPWARE_META_PRECEDENCE_ORDER = ("REMOTE_ADDR",)
HTTPS = PUBLIC_URL.startswith("https://")
HTTPS_REDIRECT = env.str("HTTPS_REDIRECT", default="1") == "1"
if HTTPS and not TRUSTED_PROXIES:
    stop(
        "PUBLIC_URL is https://, so TRUSTED_PROXIES must name the proxy that ends TLS, such as "
        "127.0.0.1; otherwise everybody has its address, and shares every limit."
    )

SECRET_KEY = required("SECRET_KEY", "any long random text")
DEBUG = False
_host = urlsplit(PUBLIC_URL).hostname or "localhost"
ALLOWED_HOSTS = [_host, "localhost", "127.0.0.1", "[::1]"]
CSRF_FAILURE_VIEW = "growmies_admin.middleware.form_too_old"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

PROMETHEUS_URL, PROMETHEUS_USER, PROMETHEUS_PASSWORD = monitor("PROMETHEUS")
ALERTMANAGER_URL, ALERTMANAGER_USER, ALERTMANAGER_PASSWORD = monitor("ALERTMANAGER")
ALERT_WEBHOOK_TOKEN = env.str("ALERT_WEBHOOK_TOKEN", default="")

# Who outside hears that the escalation of incidents works.
ESCALATION_HEARTBEAT_URL = service("ESCALATION_HEARTBEAT_URL")
# What timelines of incidents say was rolled out.
VERSION = env.str("GROWMIES_VERSION", default="") or commit()

# The bot's health server and the worker's exporter (docs/operations.md).
BOT_HEALTH_HOST = env.str("BOT_HEALTH_HOST", default="127.0.0.1")
BOT_HEALTH_PORT = port("BOT_HEALTH_PORT", 3001 + PORT_BASE - 8000)
BOT_HEALTH_URL = service("BOT_HEALTH_URL", f"http://127.0.0.1:{BOT_HEALTH_PORT}")
WORKER_METRICS_HOST = env.str("WORKER_METRICS_HOST", default="127.0.0.1")
WORKER_METRICS_PORT = port("WORKER_METRICS_PORT", PORT_BASE + 6)
WORKER_METRICS_URL = service("WORKER_METRICS_URL", f"http://127.0.0.1:{WORKER_METRICS_PORT}")

# --- Discord ----------------------------------------------------------------

DISCORD_TOKEN = env.str("DISCORD_TOKEN", default="")
DISCORD_API_URL = service("DISCORD_API_URL")
if PRACTICE and DISCORD_TOKEN and not DISCORD_API_URL:
    stop("GROWMIES_PRACTICE=1 and a DISCORD_TOKEN of the real Discord exclude each other.")
DISCORD_GUILD_ID = integer("DISCORD_GUILD_ID", 0) or None
DISCORD_VERIFIED_ROLE = env.str("DISCORD_VERIFIED_ROLE", default="Verified 21+")
DISCORD_PRESENCES = env.str("DISCORD_PRESENCES", default="1") == "1"
THIRD_PARTY_BOTS = other_bots(
    env.str("THIRD_PARTY_BOTS", default="")
    or "carl-bot=moderation,sesh=events,statbot=statistics,xenon=backup"
)
DISCORD_CLIENT_ID = env.str("DISCORD_CLIENT_ID", default="")
DISCORD_CLIENT_SECRET = env.str("DISCORD_CLIENT_SECRET", default="")

# --- KPIs ---------------------------------------------------------------------

# Whether members may say how content they are: the bot's command /feedback.
FEEDBACK_POLL = env.str("FEEDBACK_POLL", default="") == "1"
# Empty: the community's own list stands in compliance/moderation/reasons.py.
MODERATION_REASONS_FILE = env.str("MODERATION_REASONS_FILE", default="")
KPI_GROWING_HELP_CHANNELS = channels("KPI_GROWING_HELP_CHANNELS", "growing-help")
KPI_EDUCATION_CHANNELS = channels("KPI_EDUCATION_CHANNELS", "education")
KPI_TARGETS = kpi_targets("KPI_TARGETS")

# --- Verification ------------------------------------------------------------

UNDO_WINDOW_SECONDS = integer("UNDO_WINDOW_SECONDS", 10, 1, 300)
SECOND_REVIEW_SHARE = number("SECOND_REVIEW_SHARE", 0.05, 0, 1)  # from none to every request
DENIAL_APPEAL_COOL_DOWN_HOURS = integer("DENIAL_APPEAL_COOL_DOWN_HOURS", 24, 0, 720)

VERIFICATION_METHODS = methods(env.str("VERIFICATION_METHODS", default="") or "id_document")
# The channel that keeps a message with a "Verify" button: a name, or an id.
DISCORD_VERIFICATION_CHANNEL = env.str("DISCORD_VERIFICATION_CHANNEL", default="")

PROVIDER_URL = env.str("PROVIDER_URL", default="")
if PROVIDER_URL:
    url("PROVIDER_URL", PROVIDER_URL, "https", "http")
    if PROVIDER_URL.count("{reference}") != 1:
        stop("PROVIDER_URL must hold {reference} once, as in https://example.com/check/{reference}")
# How members know it; without a name, by the address that they are sent to.
PROVIDER_NAME = env.str("PROVIDER_NAME", default="") or urlsplit(PROVIDER_URL).hostname or ""
PROVIDER_SECRET = env.str("PROVIDER_SECRET", default="")
if PROVIDER_SECRET and len(PROVIDER_SECRET) < 32:
    stop("PROVIDER_SECRET must have 32 characters at least.")
if "provider" in VERIFICATION_METHODS and not (PROVIDER_URL and PROVIDER_SECRET):
    stop("VERIFICATION_METHODS has provider, which needs PROVIDER_URL and PROVIDER_SECRET.")

# --- Outside ----------------------------------------------------------------

# Practice mode has no Discord whose status would matter.
DISCORD_STATUS_URL = service(
    "DISCORD_STATUS_URL", "" if PRACTICE else "https://discordstatus.com/api/v2/summary.json"
)
PROBE_URLS = probes(env.str("PROBE_URLS", default=""))

# --- Resources of the host: thresholds ---------------------------------------

RESOURCE_CPU_PERCENT = number("RESOURCE_CPU_PERCENT", 80, 1, 100)
RESOURCE_MEMORY_PERCENT = number("RESOURCE_MEMORY_PERCENT", 85, 1, 100)
RESOURCE_DISK_PERCENT = number("RESOURCE_DISK_PERCENT", 90, 1, 100)
RESOURCE_NETWORK_MBITS = number("RESOURCE_NETWORK_MBITS", 100, 1, 1_000_000)
RESOURCE_WATCH_BOT = env.str("RESOURCE_WATCH_BOT", default="1") == "1"

# --- Evidence ---------------------------------------------------------------

EVIDENCE_KEYS = evidence_keys(required("EVIDENCE_KEYS", "base64 of 32 bytes, comma-separated"))
EVIDENCE_DIR = Path(env.str("EVIDENCE_DIR", default=str(DATA_DIR / "evidence")))

# --- Audit ------------------------------------------------------------------

# Outside of the database on purpose: what it says can't be rewritten with the trail.
AUDIT_HEADS = Path(env.str("AUDIT_HEADS", default=str(DATA_DIR / "audit-heads.jsonl")))
# A second place for them, on another machine.
AUDIT_HEADS_WEBHOOK_URL = env.str("AUDIT_HEADS_WEBHOOK_URL", default="")
AUDIT_HEADS_WEBHOOK_SECRET = env.str("AUDIT_HEADS_WEBHOOK_SECRET", default="")
if AUDIT_HEADS_WEBHOOK_URL:
    url("AUDIT_HEADS_WEBHOOK_URL", AUDIT_HEADS_WEBHOOK_URL, "https")
    if len(AUDIT_HEADS_WEBHOOK_SECRET) < 32:
        stop("AUDIT_HEADS_WEBHOOK_SECRET must have 32 characters at least.")

# --- Applications -----------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "django_structlog",
    "django_celery_beat",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.discord",
    "monitoring.ui",
    "monitoring.database",
    "monitoring.audit",
    "monitoring.audit_chain",
    "monitoring.metrics",
    "monitoring.health",
    "monitoring.prometheus",
    "monitoring.panels",
    "monitoring.maintenance",
    "monitoring.kpis",
    "monitoring.resources",
    "monitoring.delivery",
    "monitoring.alerts",
    "monitoring.incidents",
    "monitoring.uptime",
    "compliance.members",
    "compliance.effects",
    "compliance.desk",
    "compliance.verification",
    "compliance.evidence",
    "compliance.uploads",
    "compliance.providers",
    "compliance.quality",
    "compliance.queue",
    "compliance.moderation",
    "compliance.violations",
    "compliance.appeals",
    "compliance.feedback",
    "compliance.privacy",
    "growmies_admin.accounts",
    "growmies_admin.accounts.admin_config.AdminConfig",
    "growmies_admin.displays",
    "growmies_admin.bot",
]

MIDDLEWARE = [
    "monitoring.metrics.middleware.MeasureRequests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "growmies_admin.displays.middleware.PairedScreens",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "growmies_admin.middleware.ReaderTimezone",
    "growmies_admin.middleware.ForgetOffline",
    "growmies_admin.middleware.NothingKept",
    "growmies_admin.middleware.DatabaseAway",
    "growmies_admin.middleware.MethodRefused",
    "growmies_admin.accounts.middleware.SecondFactorFirst",
]

ROOT_URLCONF = "growmies_admin.urls"
ASGI_APPLICATION = "growmies_admin.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "growmies_admin.context.csp_nonce",
                "growmies_admin.context.keys",
                "growmies_admin.context.site",
            ],
        },
    }
]

# --- Data -------------------------------------------------------------------

_database = database(
    "DATABASE_URL", required("DATABASE_URL", "postgresql://user:password@host:port/name")
)
_database["CONN_MAX_AGE"] = 0
# A connection that died with the server is found when it is taken, not by a person's request.
_database["CONN_HEALTH_CHECKS"] = True
_database["OPTIONS"] = {
    **_database.get("OPTIONS", {}),
    "application_name": env.str("GROWMIES_PROCESS", default="growmies"),
    "connect_timeout": 5,
    # A server that vanished from the network is given up after half a minute, not after hours:
    # a check that waits for it is not started again until it has come back.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
    "prepare_threshold": 2,  # of the statements of monitoring/prepared.py; no others
    "pool": {"min_size": 1, "max_size": integer("DATABASE_POOL_SIZE", 16), "timeout": 3},
}
DATABASES = {"default": _database}
# Other roles in the same database (monitoring/database/connecting.py): who migrates, who tends it.
DATABASE_OWNER = other_database("DATABASE_OWNER_URL")
DATABASE_MAINTENANCE = other_database("DATABASE_MAINTENANCE_URL")
# What follows when a role may do more than it should, or less than it must.
DATABASE_ROLES = env.str("DATABASE_ROLES", default="") or "warn"
if DATABASE_ROLES not in {"strict", "warn", "off"}:
    stop("DATABASE_ROLES must be strict, warn or off.")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = url(
    "REDIS_URL",
    required("REDIS_URL", "redis://host:port/0"),
    "redis",
    "rediss",
    "valkey",
    "valkeys",
)
# The clients know Valkey by its older name only.
REDIS_URL = REDIS_URL.replace("valkey", "redis", 1) if REDIS_URL.startswith("valkey") else REDIS_URL
_redis_host = REDIS_URL.rsplit("/", 1)[0] if urlsplit(REDIS_URL).path.strip("/") else REDIS_URL
CACHES = {
    "default": {
        "BACKEND": "growmies_admin.cache.TolerantCache",
        # The broker has database 0; the cache has its own, bounded by TTLs.
        "LOCATION": f"{_redis_host.rstrip('/')}/1",
        "TIMEOUT": 300,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}

# --- Celery -----------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Told to stop, a worker lets tasks go on for this long; what is not done then goes back to
# the queue at once, not after the visibility time-out.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # What a killed worker held is delivered again after this. Longer tasks may be delivered
    # twice while they run: a run's row and every task's own condition make that harmless.
    "visibility_timeout": 600,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "max_retries": 1,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "America/New_York"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
DJANGO_CELERY_BEAT_TZ_AWARE = True

# --- Sign-in ----------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Staff"
AUTHENTICATION_BACKENDS = [
    "growmies_admin.accounts.backends.RoleBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
SESSION_SAVE_EVERY_REQUEST = False
# Two stacks on one host name must not sign each other out.
SESSION_COOKIE_NAME = f"session_{PORT_BASE}"
CSRF_COOKIE_NAME = f"csrf_{PORT_BASE}"

ACCOUNT_ADAPTER = "growmies_admin.accounts.adapters.StaffAdapter"
SOCIALACCOUNT_ADAPTER = "growmies_admin.accounts.adapters.DiscordAdapter"
SOCIALACCOUNT_PROVIDERS = (
    {
        "discord": {
            "APPS": [{"client_id": DISCORD_CLIENT_ID, "secret": DISCORD_CLIENT_SECRET}],
            "SCOPE": ["identify"],
        }
    }
    if DISCORD_CLIENT_ID and DISCORD_CLIENT_SECRET
    else {}
)
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# Tries for one account are counted in PostgreSQL (accounts/throttle.py), not in the cache.
ACCOUNT_RATE_LIMITS = {
    "login_failed": None,
    "wrong_passwords": policy.SIGN_IN_FAILURES_FROM_ONE_ADDRESS,
}
# Compliance, operators and administrators need a second factor always.
SECOND_FACTOR_MODERATORS = env.str("SECOND_FACTOR_MODERATORS", default="") == "1"
ACCOUNT_FORMS = {"change_password": "growmies_admin.accounts.forms_sign_in.ChangePasswordForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PUBLIC_URL.startswith("http://localhost")
MFA_TOTP_ISSUER = "Growmies Admin"
MFA_TOTP_TOLERANCE = policy.CODE_STEPS_OFF
MFA_FORMS = {
    "activate_totp": "growmies_admin.accounts.forms_second_factor.ActivateTOTPForm",
    "authenticate": "growmies_admin.accounts.forms_second_factor.AuthenticateForm",
    "reauthenticate": "growmies_admin.accounts.forms_second_factor.ReauthenticateForm",
    "login_webauthn": "growmies_admin.accounts.forms_second_factor.LoginWebAuthnForm",
    "authenticate_webauthn": "growmies_admin.accounts.forms_second_factor.AuthenticateWebAuthnForm",
    "reauthenticate_webauthn": (
        "growmies_admin.accounts.forms_second_factor.ReauthenticateWebAuthnForm"
    ),
}

# --- Security headers -------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS and HTTPS_REDIRECT
SECURE_SSL_HOST = urlsplit(PUBLIC_URL).netloc
# What is asked on loopback without TLS: probes, scrapes, and Alertmanager's webhook.
SECURE_REDIRECT_EXEMPT = [r"^(live|ready|health|up|metrics)$", r"^api/alerts/$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE_SSL_REDIRECT else 0
# Other names of the domain, and browsers' lists of it, are not this site's to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if not HTTPS_REDIRECT:  # whoever ends TLS does both
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008"]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF, "https://discord.com"],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- Uploads: nothing of an upload touches a temporary file ------------------

FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
# Both above the largest body that the edge lets in: neither Django's request spool nor a
# file of the form ever reaches the size at which it would go to disk.
FILE_UPLOAD_MAX_MEMORY_SIZE = policy.UPLOAD_BODY_MOST_BYTES + 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 4

# --- Language, time, static --------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "America/New_York"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Walls reload when this changes, and values kept in Valkey are read by the same code only.
SITE_VERSION = fingerprint(BASE_DIR)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# No page asks for a name without its hash: half the compressing at a first start.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Who is told of alerts, and how ------------------------------------------

# Each way of sending declares its own: monitoring/delivery/transports/<name>/settings.py.
vars().update(declared(setting.declared()))
# Where messages may go though it is private; the practice guild is on this machine.
DELIVERY_PRIVATE_NETWORKS = networks(
    "DELIVERY_PRIVATE_NETWORKS", "127.0.0.0/8,::1" if PRACTICE else ""
)
SMTP_FROM = env.str("SMTP_FROM", default="") or "alerts@growmiesnj.com"

EMAIL_URL = env.str("EMAIL_URL", default="") or smtp_url()
EMAIL_IS_SET_UP = bool(EMAIL_URL)
if EMAIL_URL:
    try:
        vars().update(env.email_url_config(EMAIL_URL))
    except (ImproperlyConfigured, KeyError, ValueError):
        stop("EMAIL_URL is malformed; it must look like smtp://user:password@host:port")
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# --- Logs --------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
    stop("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
LOGGING = log_setup.configure(LOG_LEVEL)
DJANGO_STRUCTLOG_CELERY_ENABLED = False
# Asking who it is would need the database before /live may answer; the audit trail joins
# request ids with people.
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
