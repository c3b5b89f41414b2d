"""The Celery app of worker and beat."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "growmies_admin.settings")

app = Celery("growmies_admin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
