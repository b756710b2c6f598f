"""Addresses of the room."""

from django.urls import path

from issues.views import evidence, inbox, letter, meeting, paper, raising, referring, triage

app_name = "issues"

raising_urls = [
    path("issues/new/", raising.issue_new, name="issue_new"),
    path("issues/intake-form.pdf", paper.intake_form, name="intake_form"),
    path("issues/drafts/<uuid:key>/", raising.draft, name="draft"),
    path("issues/drafts/<uuid:key>/edit/", raising.draft_edit, name="draft_edit"),
    path("issues/drafts/<uuid:key>/submit/", raising.draft_submit, name="draft_submit"),
    path("issues/drafts/<uuid:key>/delete/", raising.draft_delete, name="draft_delete"),
    path("issues/drafts/<uuid:key>/files/", evidence.draft_files, name="draft_files"),
    path("issues/<str:reference>/", raising.issue, name="issue"),
    path("issues/<str:reference>/edit/", raising.issue_edit, name="issue_edit"),
    path("issues/<str:reference>/files/", evidence.issue_files, name="issue_files"),
    path("issues/<str:reference>/reply/", raising.issue_reply, name="issue_reply"),
    path("issues/<str:reference>/withdraw/", raising.issue_withdraw, name="issue_withdraw"),
    path("issues/<str:reference>/confirm/", raising.issue_confirm, name="issue_confirm"),
    path("issues/<str:reference>/dispute/", raising.issue_dispute, name="issue_dispute"),
    path("issues/<str:reference>/partly/", raising.issue_partly, name="issue_partly"),
    path("evidence/<uuid:key>/", evidence.evidence, name="evidence"),
    path("evidence/<uuid:key>/thumbnail/", evidence.thumbnail, name="thumbnail"),
    path("evidence/<uuid:key>/remove/", evidence.evidence_remove, name="evidence_remove"),
    path("published/", raising.published, name="published"),
]
triage_urls = [
    path("issues/", triage.issues, name="issues"),
    path("issues/<str:reference>/accept/", triage.issue_accept, name="issue_accept"),
    path("issues/<str:reference>/return/", triage.issue_return, name="issue_return"),
    path("issues/<str:reference>/decline/", triage.issue_decline, name="issue_decline"),
    path("issues/<str:reference>/publish/", triage.issue_publish, name="issue_publish"),
    path("issues/<str:reference>/unpublish/", triage.issue_unpublish, name="issue_unpublish"),
    path("issues/<str:reference>/tighten/", triage.issue_tighten, name="issue_tighten"),
    path("issues/<str:reference>/concern/", triage.issue_concern, name="issue_concern"),
    path("issues/<str:reference>/reopen/", triage.issue_reopen, name="issue_reopen"),
    path("issues/<str:reference>/refer/", triage.issue_refer, name="issue_refer"),
    path("issues/<str:reference>/protected/", triage.issue_protected, name="issue_protected"),
]
referring_urls = [
    path("referrals/", inbox.referrals, name="referrals"),
    path("referrals/letter/", letter.referrals_letter, name="referrals_letter"),
    path("referrals/<int:pk>/", referring.referral, name="referral"),
    path("referrals/<int:pk>/acknowledge/", referring.acknowledge, name="referral_acknowledge"),
    path("referrals/<int:pk>/respond/", referring.respond, name="referral_respond"),
    path("referrals/<int:pk>/ask/", referring.ask, name="referral_ask"),
    path("referrals/<int:pk>/reply/", referring.reply, name="referral_reply"),
    path("referrals/<int:pk>/resolve/", referring.resolve, name="referral_resolve"),
    path("referrals/<int:pk>/recall/", referring.recall, name="referral_recall"),
    path("referrals/<int:pk>/hand-over/", referring.hand_over, name="referral_hand_over"),
    path("referrals/<int:pk>/call/", referring.call, name="referral_call"),
]
meeting_urls = [
    path("sessions/<int:pk>/agenda/", meeting.agenda, name="agenda"),
    path("sessions/<int:pk>/agenda/add/", meeting.agenda_add, name="agenda_add"),
    path("sessions/<int:pk>/agenda/points/", meeting.agenda_point, name="agenda_point"),
    path("sessions/<int:pk>/agenda/arrange/", meeting.agenda_arrange, name="agenda_arrange"),
    path("agenda-items/<int:pk>/allot/", meeting.item_allot, name="item_allot"),
    path("agenda-items/<int:pk>/remove/", meeting.item_remove, name="item_remove"),
    path("sessions/<int:pk>/console/", meeting.console, name="console"),
    path("agenda-items/<int:pk>/address/", meeting.item_address, name="item_address"),
    path("agenda-items/<int:pk>/refer/", meeting.item_refer, name="item_refer"),
    path("agenda-items/<int:pk>/defer/", meeting.item_defer, name="item_defer"),
    path("agenda-items/<int:pk>/note/", meeting.item_note, name="item_note"),
    path("sessions/<int:pk>/release/", meeting.session_release, name="session_release"),
    path("sessions/<int:pk>/cancel/", meeting.session_cancel, name="session_cancel"),
]
urlpatterns = raising_urls + triage_urls + referring_urls + meeting_urls
