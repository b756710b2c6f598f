"""Addresses of the room."""

from django.urls import path

from outbox import views

app_name = "outbox"
urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/release/", views.release_all, name="release_all"),
    path("outbox/<int:pk>/", views.notice, name="notice"),
    path("outbox/<int:pk>/retry/", views.retry, name="retry"),
    path("outbox/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("outbox/<int:pk>/release/", views.release, name="release"),
]
