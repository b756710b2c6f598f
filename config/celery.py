"""The Celery application; every message says only "look now"."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("vedika")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
