"""Numbers of policy about staff accounts and the admin API, with units."""

from datetime import timedelta

API_TOKEN_LIFE = timedelta(days=90)  # unless another life is chosen
API_TOKEN_LIFE_MOST = timedelta(days=365)
API_TOKEN_USE_NOTED_EVERY = timedelta(minutes=1)
API_TOKENS_ENDED_SHOWN = 20  # the latest ones that expired or were revoked

API_PAGE, API_PAGE_MOST = 50, 100  # entries of a list
