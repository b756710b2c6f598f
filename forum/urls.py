"""Addresses of the room."""

from django.urls import path

from forum.views import (
    attendance,
    board,
    calendars,
    cancelling,
    checking_in,
    delegates,
    forums,
    invitations,
    letters,
    presiders,
    programme,
    replying,
    rounds,
    sessions,
    told,
    venues,
)

app_name = "forum"
core_urls = [
    path("forums/", forums.forums, name="forums"),
    path("forums/new/", forums.forum_new, name="forum_new"),
    path("forums/<int:pk>/", rounds.forum, name="forum"),
    path("forums/<int:pk>/edit/", forums.forum_edit, name="forum_edit"),
    path("forums/<int:pk>/sessions/new/", sessions.session_new, name="session_new"),
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
calendar_urls = [
    path("calendar/", calendars.calendar, name="calendar"),
    path("calendar.ics", calendars.calendar_feed, name="calendar_feed"),
    path("calendar/address/", calendars.calendar_address, name="calendar_address"),
    path(
        "calendar/address/renew/",
        calendars.calendar_address_renew,
        name="calendar_address_renew",
    ),
    path(
        "calendar/address/revoke/",
        calendars.calendar_address_revoke,
        name="calendar_address_revoke",
    ),
    path("calendar/<str:token>.ics", calendars.calendar_own, name="calendar_own"),
    path("sessions/<int:pk>/session.ics", calendars.session_file, name="session_file"),
]
delegate_urls = [
    path("invitations/<int:pk>/delegates/", delegates.delegates, name="delegates"),
    path("invitations/<int:pk>/delegates/<int:number>/", delegates.delegate, name="delegate"),
    path("i/<str:token>/delegates/", delegates.reply_delegates, name="reply_delegates"),
    path("i/<str:token>/delegates/<int:number>/", delegates.reply_delegate, name="reply_delegate"),
    path("sessions/<int:pk>/names/", delegates.session_names, name="session_names"),
]
board_urls = [
    path("forums/<int:pk>/board/", board.forum_board, name="board"),
    path("sessions/<int:pk>/move/", board.session_move, name="session_move"),
]
round_urls = [
    path("forums/<int:pk>/calls/", rounds.forum_calls, name="forum_calls"),
    path("forums/<int:pk>/copy/", rounds.forum_copy, name="forum_copy"),
]
invitation_urls = [
    path(
        "sessions/<int:pk>/invitations/send/", invitations.invitations_send, name="invitations_send"
    ),
    path(
        "sessions/<int:pk>/invitations/remind/",
        invitations.invitations_remind,
        name="invitations_remind",
    ),
    path("sessions/<int:pk>/letters/", letters.session_letters, name="letters"),
    path("sessions/<int:pk>/letters.pdf", letters.letters_pdf, name="letters_pdf"),
    path("invitations/<int:pk>/", invitations.invitation, name="invitation"),
    path(
        "invitations/<int:pk>/handed-over/",
        invitations.invitation_handed_over,
        name="invitation_handed_over",
    ),
    path("invitations/<int:pk>/letter/", letters.invitation_letter, name="invitation_letter"),
    path("invitations/<int:pk>/letter.pdf", letters.letter_pdf, name="letter_pdf"),
    path("invitations/<int:pk>/letter.docx", letters.letter_docx, name="letter_docx"),
    path("i/<str:token>/", replying.reply, name="reply"),
    path("i/<str:token>/letter.pdf", replying.reply_letter, name="reply_letter"),
    path("i/<str:token>/session.ics", replying.reply_calendar, name="reply_calendar"),
]
check_in_urls = [
    path("sessions/<int:pk>/check-in/", checking_in.check_in, name="check_in"),
    path("sessions/<int:pk>/check-in/ticks/", checking_in.check_in_ticks, name="check_in_ticks"),
    path("sessions/<int:pk>/check-in/count/", checking_in.check_in_count, name="check_in_count"),
    path("sessions/<int:pk>/check-in/<str:code>/", checking_in.check_in_one, name="check_in_one"),
    path("sessions/<int:pk>/sheet.pdf", attendance.session_sheet, name="session_sheet"),
    path(
        "sessions/<int:pk>/certificates.pdf",
        attendance.session_certificates,
        name="session_certificates",
    ),
]
cancelling_urls = [
    path("sessions/<int:pk>/reinstate/", cancelling.session_reinstate, name="session_reinstate"),
    path("sessions/<int:pk>/cancel/reason/", cancelling.session_reason, name="session_reason"),
]
places_urls = [
    path("venues/", venues.venues, name="venues"),
    path("venues/new/", venues.venue_new, name="venue_new"),
    path("venues/<int:pk>/", venues.venue, name="venue"),
    path("venues/<int:pk>/edit/", venues.venue_edit, name="venue_edit"),
    path("presiders/", presiders.presiders, name="presiders"),
    path("presiders/new/", presiders.presider_add, name="presider_add"),
    path("presiders/<int:pk>/", presiders.presider, name="presider"),
    path("presiding-roles/", presiders.presiding_roles, name="presiding_roles"),
    path("presiding-roles/new/", presiders.presiding_role_new, name="presiding_role_new"),
    path("presiding-roles/<slug:code>/", presiders.presiding_role, name="presiding_role"),
    path("sessions/<int:pk>/team/", presiders.session_team, name="session_team"),
]
programme_urls = [
    path("forums/<int:pk>/publish/", programme.programme_publish, name="programme_publish"),
    path("forums/<int:pk>/programme/", programme.programmes, name="programmes"),
    path("forums/<int:pk>/programme/<int:number>/", programme.programme, name="programme"),
    path("forums/<int:pk>/told/", told.told, name="told"),
]
# Each feature adds its own list here, and its name below.
urlpatterns = [
    *core_urls,
    *programme_urls,
    *round_urls,
    *check_in_urls,
    *calendar_urls,
    *delegate_urls,
    *board_urls,
    *invitation_urls,
    *places_urls,
    *cancelling_urls,
]
