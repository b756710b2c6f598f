"""The forums' application."""

from django.apps import AppConfig


class ForumConfig(AppConfig):
    name = "forum"
