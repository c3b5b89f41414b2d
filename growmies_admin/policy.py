"""Numbers of policy about staff accounts, displays and the admin API, with units."""

from datetime import timedelta

API_TOKEN_LIFE = timedelta(days=90)  # unless another life is chosen
API_TOKEN_LIFE_MOST = timedelta(days=365)
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
INVALID_REQUESTS_SAVED_EVERY = timedelta(seconds=10)  # what a bot that is killed forgets of them
RATE_LIMIT_TARGET = 0.8  # of our own 50 requests a second, in the busiest moment

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
