"""Numbers of policy about staff accounts, displays and the admin API, with units."""

from datetime import timedelta

API_TOKEN_LIFE = timedelta(days=90)  # unless another life is chosen
API_TOKEN_LIFE_MOST = timedelta(days=365)
API_TOKEN_USE_NOTED_EVERY = timedelta(minutes=1)
API_TOKENS_ENDED_SHOWN = 20  # the latest ones that expired or were revoked

API_PAGE, API_PAGE_MOST = 50, 100  # entries of a list

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
