"""The Celery application; every message says only "look now"."""

import gc
import os

from celery import Celery
from celery.signals import worker_before_create_process

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("vedika")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_before_create_process.connect
def share_memory(**_told: object) -> None:
    """Leave what is loaded to parent and children alike: collecting would write to all of it."""
    gc.freeze()
