"""Addresses of the room."""

from django.urls import path

from forum import views

app_name = "forum"
urlpatterns = [
    path("forums/", views.forums, name="forums"),
    path("forums/new/", views.forum_new, name="forum_new"),
    path("forums/<int:pk>/", views.forum, name="forum"),
    path("forums/<int:pk>/edit/", views.forum_edit, name="forum_edit"),
    path("forums/<int:pk>/sessions/new/", views.session_new, name="session_new"),
    path("calendar/", views.calendar, name="calendar"),
    path("sessions/<int:pk>/", views.session, name="session"),
    path("sessions/<int:pk>/edit/", views.session_edit, name="session_edit"),
    path("sessions/<int:pk>/publish/", views.session_publish, name="session_publish"),
    path("sessions/<int:pk>/unpublish/", views.session_unpublish, name="session_unpublish"),
    path("sessions/<int:pk>/cancel/", views.session_cancel, name="session_cancel"),
    path("sessions/<int:pk>/open/", views.session_open, name="session_open"),
    path("sessions/<int:pk>/presiders/", views.session_presiders, name="session_presiders"),
    path("sessions/<int:pk>/presiders/new/", views.presider_new, name="presider_new"),
    path("sessions/<int:pk>/invitations/", views.invitations, name="invitations"),
    path("sessions/<int:pk>/attendance/", views.session_attendance, name="session_attendance"),
    path("invitations/<int:pk>/answer/", views.invitation_answer, name="invitation_answer"),
    path("invitations/<int:pk>/uninvite/", views.invitation_uninvite, name="invitation_uninvite"),
]
