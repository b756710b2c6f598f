"""The minutes' application."""

from django.apps import AppConfig


class MinutesConfig(AppConfig):
    name = "minutes"
