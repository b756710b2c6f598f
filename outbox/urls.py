"""Addresses of the room."""

from django.urls import path

from outbox import views, views_telling

app_name = "outbox"
urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/release/", views.release_all, name="release_all"),
    path("outbox/receipts/sms/", views_telling.sms_receipt, name="sms_receipt"),
    path("account/telling/", views_telling.ways, name="ways"),
    path("account/telling/telegram/", views_telling.telegram_code, name="telegram_code"),
    path("account/telling/telegram/unlink/", views_telling.telegram_unlink, name="telegram_unlink"),
    path("outbox/<int:pk>/", views.notice, name="notice"),
    path("outbox/<int:pk>/retry/", views.retry, name="retry"),
    path("outbox/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("outbox/<int:pk>/release/", views.release, name="release"),
]
