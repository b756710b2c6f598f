"""Addresses of the room."""

from django.urls import path

from inbox import views

app_name = "inbox"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<int:pk>/", views.incoming, name="incoming"),
    path("inbox/<int:pk>/raw/", views.incoming_raw, name="incoming_raw"),
    path("inbox/<int:pk>/attach/", views.attach, name="attach"),
    path("inbox/<int:pk>/dismiss/", views.dismiss, name="dismiss"),
]
