"""Numbers of policy about staff accounts, displays, the admin API and the edge, with units."""

from datetime import timedelta

from monitoring.policy import ALERT_PAYLOAD_BYTES

SECOND_FACTOR_GRACE = timedelta(hours=24)  # since the invitation, for roles that need one
SECOND_FACTOR_GRACE_AFTER_RESET = timedelta(hours=24)  # to add another one
SECOND_FACTOR_RESETS = (5, timedelta(hours=1))  # of others, by one administrator
BREAK_GLASS = timedelta(hours=1)  # also without a second factor
CODE_STEPS_OFF = 1  # of 30 s each, early or late: slow fingers, and phones whose clock is off

# Wrong passwords and codes (accounts/throttle.py).
SIGN_IN_TRIES = 5  # of one account from one place, then each one waits
SIGN_IN_WAIT, SIGN_IN_WAIT_MOST = timedelta(minutes=1), timedelta(minutes=15)  # doubles
SIGN_IN_TRIES_FROM_ALL = 10  # of one account from all unknown devices together
SIGN_IN_WAIT_FROM_ALL = timedelta(seconds=2)  # doubles with each further ten
SIGN_IN_WAIT_FROM_ALL_MOST = timedelta(minutes=2)
SIGN_IN_TRIES_FORGOTTEN = timedelta(hours=6)  # since the last one
SIGN_IN_FAILURES_FROM_ONE_ADDRESS = "10/m/ip"  # of all accounts; as allauth writes rates
FAILED_SIGN_INS_TOLD_EVERY = timedelta(minutes=1)  # one audit entry for an account
KNOWN_DEVICE_LIFE = timedelta(days=180)  # since the last sign-in

# E-mail to staff about their accounts (accounts/letters.py).
LETTER_GIVE_UP = timedelta(hours=2)  # a mail server that stays away so long
LETTER_RETENTION = timedelta(days=90)

API_TOKEN_LIFE = timedelta(days=90)  # unless another life is chosen
API_TOKEN_LIFE_MOST = timedelta(days=365)
API_TOKEN_OPENED_WITHIN = timedelta(days=7)  # by its owner; then it can't be opened any more
API_TOKEN_USE_NOTED_EVERY = timedelta(minutes=1)
API_TOKENS_ENDED_SHOWN = 20  # the latest ones that expired or were revoked

API_PAGE, API_PAGE_MOST = 50, 100  # entries of a list

# KPIs of the bot (docs/kpis.md).
ACTIVE_LIFE = timedelta(days=62)  # sketches in Valkey: a month, for days up to a month back
ACTIVE_WRITTEN_EVERY = timedelta(seconds=10)
ACTIVE_BATCH_MOST = 100_000  # members that wait for Valkey; more are a gap
ACTIVITY_WRITTEN_EVERY = timedelta(seconds=60)
ACTIVITY_WAITING_MOST = 5_000  # sums that wait for PostgreSQL; more are a gap
ACTIVITY_RETENTION = timedelta(days=400)
ACTIVITY_CHANNELS_MOST = 100  # names; further ones are "other"
SESSION_PAUSE = timedelta(minutes=15)  # who does nothing for longer has left
SESSION_LEAST = timedelta(minutes=1)  # one message is a short visit, none of no length
SESSIONS_MOST = 50_000  # at a time
COMMAND_P95_TARGET = timedelta(seconds=1)
COMMAND_P99_TARGET = timedelta(seconds=3)  # Discord gives up then
CHORE_AT_MOST = timedelta(minutes=30)  # of the bot's, such as a scan; then it is begun again
MEMBERS_NAMED_WITHIN = timedelta(seconds=10)  # after we ask Discord for them; then asked again
INVALID_REQUESTS_SAVED_EVERY = timedelta(seconds=10)  # what a bot that is killed forgets of them
# Sessions that the bot may begin: Discord resets the token of a bot that begins 1,000 in a day.
SESSION_STARTS_FREE = 30  # within the window, without a pause
SESSION_STARTS_WINDOW = timedelta(hours=1)
SESSION_START_PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60))  # before each further
SESSION_STARTS_RESERVE = 50  # of Discord's count; below it the longest pause before each
RATE_LIMIT_TARGET = 0.8  # of our own 50 requests a second, in the busiest moment

# The edge of the web process (docs/operations.md, "The edge"). What is sent is held in memory:
# these are what strangers can fill of it. A room holds what came, FORM_BYTES of a body at least.
BODY_MOST_BYTES = 1024**2  # a request's body, unless it is an upload or a payload of alerts
UPLOAD_BODY_MOST_BYTES = 24 * 1024**2  # through a link of ours: two pictures of 10 MB, and the form
FORM_BYTES = 64 * 1024  # up to here a body goes to the room of forms
FORMS_AT_ONCE_BYTES, FORMS_FROM_ONE_ADDRESS_BYTES = 512 * FORM_BYTES, 64 * FORM_BYTES
BODIES_AT_ONCE_BYTES, BODIES_FROM_ONE_ADDRESS_BYTES = 16 * 1024**2, 4 * 1024**2
UPLOADS_AT_ONCE_BYTES, UPLOADS_FROM_ONE_ADDRESS_BYTES = 96 * 1024**2, 48 * 1024**2
# Two at once: Alertmanager's next one must not wait for the end of the one before.
ALERTS_AT_ONCE_BYTES, SMALL_ALERTS_AT_ONCE_BYTES = 2 * ALERT_PAYLOAD_BYTES, 64 * FORM_BYTES
BODY_BYTES_PER_SECOND = 8_000  # a phone at the edge of its network
BODY_PATIENCE = timedelta(seconds=10)  # for which a body may be slower, or silent
REFUSED_BODY_WITHIN = timedelta(seconds=10)  # then the connection ends
ANSWER_UNREAD = timedelta(seconds=30)  # without one byte of it taken; then the connection ends
HEADERS_WITHIN = timedelta(seconds=10)
HEADERS_MOST_BYTES = 64 * 1024
PIPELINED_MOST = 16  # requests of one connection that wait for the answer to an earlier one
HEADERS_AT_ONCE = 256  # connections that have not said yet what they want
OPEN_FILES = 8_192  # of the web process: more than connections can wait in all of this
EDGE_RETRY_AFTER = timedelta(seconds=30)  # what 408, 429 and 503 of the edge ask for

DISPLAY_CODE_LIFE = timedelta(minutes=10)  # then the screen shows a new one
DISPLAY_CODE_TRIES = (10, timedelta(minutes=10))  # wrong codes that one person may enter
DISPLAY_ASK_EVERY = timedelta(seconds=3)  # an unpaired screen asks whether it is paired
DISPLAY_ASKS = 2_000  # screens that may wait for a pairing at once
DISPLAY_ASKS_FROM_ONE_NETWORK = 300
DISPLAY_COLLECT = timedelta(hours=1)  # since the confirmation, for the screen to take its key
DISPLAY_KEY_LIFE = timedelta(days=1)  # then it is replaced
DISPLAY_KEY_RETRY = timedelta(minutes=10)  # a new key that did not arrive: another one
DISPLAY_KEY_OVERLAP = timedelta(minutes=10)  # a screen without power may not have kept the new one
DISPLAY_KEY_RETENTION = timedelta(days=90)  # replaced keys, to know one when it is tried again
DISPLAY_COOKIE_LIFE = timedelta(days=400)  # the most that browsers keep
DISPLAY_SEEN_EVERY = timedelta(minutes=1)
DISPLAY_SILENT_AFTER = timedelta(minutes=3)
DISPLAY_UNSEEN_LIFE = timedelta(days=30)  # not seen for so long: no access any more
DISPLAY_ENDED_RETENTION = timedelta(days=365)
DISPLAY_CLOCK_OFF = timedelta(seconds=60)  # a screen whose clock is further off says so
DISPLAYS_PAGE = 50
