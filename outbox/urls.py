"""Addresses of the room."""

from django.urls import path

from outbox import views, views_acts, views_provider, views_services, views_telling

app_name = "outbox"
urlpatterns = [
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/release/", views.release_all, name="release_all"),
    path("outbox/all/<slug:act>/", views_acts.bulk, name="bulk"),
    path("outbox/receipts/mail/", views_provider.mail_receipt, name="mail_receipt"),
    path("outbox/receipts/sms/", views_telling.sms_receipt, name="sms_receipt"),
    path("account/telling/", views_telling.ways, name="ways"),
    path("account/telling/mute/", views_telling.mute, name="mute"),
    path("account/telling/unmute/", views_telling.unmute, name="unmute"),
    path("account/telling/telegram/", views_telling.telegram_code, name="telegram_code"),
    path("account/telling/telegram/unlink/", views_telling.telegram_unlink, name="telegram_unlink"),
    path("people/<int:pk>/telling/", views_services.service_address, name="service_address"),
    path(
        "people/<int:pk>/telling/remove/",
        views_services.service_address_remove,
        name="service_address_remove",
    ),
    path("outbox/<int:pk>/", views.notice, name="notice"),
    path("outbox/<int:pk>/retry/", views_acts.retry, name="retry"),
    path("outbox/<int:pk>/cancel/", views_acts.cancel, name="cancel"),
    path("outbox/<int:pk>/release/", views_acts.release, name="release"),
    path("outbox/<int:pk>/send/", views_acts.send_now, name="send_now"),
    path("outbox/<int:pk>/hold/", views_acts.hold, name="hold"),
    path("outbox/<int:pk>/let-go/", views_acts.let_go, name="let_go"),
    path("outbox/<int:pk>/by-phone/", views_acts.by_phone, name="by_phone"),
    path("outbox/<int:pk>/other-way/", views_acts.other_way, name="other_way"),
]
