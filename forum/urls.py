"""Addresses of the room."""

from django.urls import path

from forum.views import forums, invitations, sessions

app_name = "forum"
core_urls = [
    path("forums/", forums.forums, name="forums"),
    path("forums/new/", forums.forum_new, name="forum_new"),
    path("forums/<int:pk>/", forums.forum, name="forum"),
    path("forums/<int:pk>/edit/", forums.forum_edit, name="forum_edit"),
    path("forums/<int:pk>/sessions/new/", sessions.session_new, name="session_new"),
    path("calendar/", forums.calendar, name="calendar"),
    path("sessions/<int:pk>/", sessions.session, name="session"),
    path("sessions/<int:pk>/edit/", sessions.session_edit, name="session_edit"),
    path("sessions/<int:pk>/open/", sessions.session_open, name="session_open"),
    path("sessions/<int:pk>/presiders/", sessions.session_presiders, name="session_presiders"),
    path("sessions/<int:pk>/presiders/new/", sessions.presider_new, name="presider_new"),
    path("sessions/<int:pk>/invitations/", invitations.invitations, name="invitations"),
    path("sessions/<int:pk>/attendance/", sessions.session_attendance, name="session_attendance"),
    path("invitations/<int:pk>/answer/", invitations.invitation_answer, name="invitation_answer"),
    path(
        "invitations/<int:pk>/uninvite/",
        invitations.invitation_uninvite,
        name="invitation_uninvite",
    ),
]
# Each feature adds its own list here, and its name below.
urlpatterns = [*core_urls]
