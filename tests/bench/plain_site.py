"""The site without names of collected files, for small runs: to collect them takes longer."""

from django.conf import settings

settings.STORAGES = settings.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}

from growmies_admin.asgi import application  # noqa: E402, F401
