"""Settings, URLs, the Celery application and embedded services: the room nobody imports."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
