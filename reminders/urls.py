"""Addresses of the reminder policy."""

from django.urls import path

from reminders import views, views_rungs

app_name = "reminders"
urlpatterns = [
    path("referrals/<int:pk>/ladder/", views_rungs.rungs, name="rungs"),
    path("reminders/policy/", views.policy_page, name="policy"),
    path("reminders/policy/<int:priority>/", views.ladder, name="ladder"),
    path("reminders/policy/<int:priority>/preview/", views.preview, name="preview"),
    path("reminders/provinces/", views.provinces, name="provinces"),
    path("reminders/provinces/<slug:code>/", views.province, name="province"),
    path("reminders/hours/", views.hours, name="hours"),
]
