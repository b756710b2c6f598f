"""The gazetteer's application."""

from django.apps import AppConfig


class ProvincesConfig(AppConfig):
    name = "provinces"
