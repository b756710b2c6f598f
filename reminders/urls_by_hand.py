"""Addresses of what a coordinator does with the ladder by hand."""

from django.urls import path

from reminders import views_by_hand

app_name = "climbs"
urlpatterns = [
    path("referrals/<int:pk>/escalate/", views_by_hand.escalate, name="escalate"),
    path("referrals/<int:pk>/own-level/", views_by_hand.deescalate, name="deescalate"),
]
