"""The reminders' application."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"
