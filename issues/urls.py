"""Addresses of the room."""

from django.urls import path

from issues.views import (
    agenda,
    agenda_orders,
    answering,
    batches,
    board,
    closing,
    console,
    course,
    desk,
    drafted,
    evidence,
    extending,
    holidays,
    inbox,
    letter,
    letters,
    links,
    listing,
    packs,
    paper,
    phone,
    published,
    raising,
    redirecting,
    referring,
    repeats,
    replies,
    safety,
    screen,
    session_papers,
    steps,
    talking,
    together,
    tracking,
    transcript,
    triage,
    voices,
)

app_name = "issues"

steps_urls = [
    path("issues/new/", steps.issue_new, name="issue_new"),
    path("issues/who-sees/", steps.who_sees, name="who_sees"),
    path("issues/on-this-phone/", steps.on_this_phone, name="on_this_phone"),
    path("issues/drafts/", steps.drafts, name="drafts"),
    path("issues/drafts/known/", phone.drafts_known, name="drafts_known"),
    path("issues/drafts/<uuid:key>/files/", steps.draft_files, name="draft_files"),
]
# After the fixed words that follow a draft's key.
step_urls = [path("issues/drafts/<uuid:key>/<slug:step>/", steps.draft_step, name="draft_step")]
raising_urls = [
    path("issues/intake-form.pdf", paper.intake_form, name="intake_form"),
    path("issues/drafts/<uuid:key>/", raising.draft, name="draft"),
    path("issues/drafts/<uuid:key>/edit/", raising.draft_edit, name="draft_edit"),
    path("issues/drafts/<uuid:key>/submit/", raising.draft_submit, name="draft_submit"),
    path("issues/drafts/<uuid:key>/delete/", raising.draft_delete, name="draft_delete"),
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
    path(
        "evidence/<uuid:key>/transcript/",
        transcript.evidence_transcript,
        name="evidence_transcript",
    ),
    path("published/", published.published, name="published"),
]
board_urls = [
    path("issues/triage/", board.triage, name="triage"),
    path("issues/triage/selected/", board.triage_selected, name="triage_selected"),
    path("issues/<str:reference>/offices/", board.issue_offices, name="issue_offices"),
    path("issues/<str:reference>/correct/", triage.issue_correct, name="issue_correct"),
]
triage_urls = [
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
agenda_urls = [
    path("sessions/<int:pk>/agenda/", agenda.agenda, name="agenda"),
    path("sessions/<int:pk>/agenda/add/", agenda.agenda_add, name="agenda_add"),
    path("sessions/<int:pk>/agenda/points/", agenda.agenda_point, name="agenda_point"),
    path("sessions/<int:pk>/agenda/arrange/", agenda.agenda_arrange, name="agenda_arrange"),
    path("sessions/<int:pk>/agenda/headings/", agenda.agenda_heading, name="agenda_heading"),
    path("sessions/<int:pk>/agenda/reviews/", agenda.agenda_reviews, name="agenda_reviews"),
    path("sessions/<int:pk>/agenda/offices/", agenda.agenda_offices, name="agenda_offices"),
    path(
        "sessions/<int:pk>/agenda/suggested/",
        agenda_orders.agenda_suggested,
        name="agenda_suggested",
    ),
    path("sessions/<int:pk>/agenda/grouped/", agenda_orders.agenda_grouped, name="agenda_grouped"),
    path("sessions/<int:pk>/replies/", replies.replies, name="replies"),
    path("agenda-items/<int:pk>/replies/<int:office>/", replies.item_reply, name="item_reply"),
    path("agenda-items/<int:pk>/voices/", voices.item_voices, name="item_voices"),
    path("agenda-items/<int:pk>/title/", agenda.item_retitle, name="item_retitle"),
    path("agenda-items/<int:pk>/allot/", agenda.item_allot, name="item_allot"),
    path("agenda-items/<int:pk>/remove/", agenda.item_remove, name="item_remove"),
]
console_urls = [
    path("sessions/<int:pk>/console/", console.console, name="console"),
    path("sessions/<int:pk>/console/state/", console.console_state, name="console_state"),
    path("sessions/<int:pk>/console/worker.js", console.console_worker, name="console_worker"),
    path("agenda-items/<int:pk>/part/", console.item_part, name="item_part"),
    path("agenda-items/<int:pk>/address/", console.press, {"name": "address"}, name="item_address"),
    path("agenda-items/<int:pk>/refer/", console.press, {"name": "refer"}, name="item_refer"),
    path("agenda-items/<int:pk>/study/", console.press, {"name": "study"}, name="item_study"),
    path("agenda-items/<int:pk>/suspend/", console.press, {"name": "suspend"}, name="item_suspend"),
    path("agenda-items/<int:pk>/higher/", console.press, {"name": "higher"}, name="item_higher"),
    path(
        "agenda-items/<int:pk>/not-competent/",
        console.press,
        {"name": "not_competent"},
        name="item_not_competent",
    ),
    path("agenda-items/<int:pk>/defer/", console.press, {"name": "defer"}, name="item_defer"),
    path(
        "agenda-items/<int:pk>/withdraw/", console.press, {"name": "withdraw"}, name="item_withdraw"
    ),
    path("agenda-items/<int:pk>/note/", console.press, {"name": "note"}, name="item_note"),
    path("agenda-items/<int:pk>/reword/", console.press, {"name": "reword"}, name="item_reword"),
    path("agenda-items/<int:pk>/start/", console.press, {"name": "start"}, name="item_start"),
    path("agenda-items/<int:pk>/stop/", console.press, {"name": "stop"}, name="item_stop"),
    path("agenda-items/<int:pk>/show/", console.press, {"name": "show"}, name="item_show"),
    path("agenda-items/<int:pk>/hide/", console.press, {"name": "hide"}, name="item_hide"),
    path(
        "agenda-items/<int:pk>/speakers/", console.press, {"name": "speakers"}, name="item_speakers"
    ),
]
screen_urls = [
    path("sessions/<int:pk>/screen/", screen.screen_page, name="screen"),
    path("sessions/<int:pk>/screen/address/", screen.screen_address, name="screen_address"),
    # For phones in the room: config.middleware forgets there who asks.
    path("s/<str:key>/", screen.room, name="room"),
    path("s/<str:key>/part/", screen.room_part, name="room_part"),
]
closing_urls = [
    path("sessions/<int:pk>/referrals/letters/", letter.session_letters, name="session_letters"),
    path("sessions/<int:pk>/release/", closing.session_release, name="session_release"),
    path("sessions/<int:pk>/cancel/", closing.session_cancel, name="session_cancel"),
]
letters_urls = [
    path("letters/", letters.letters_register, name="letters"),
    path("letters/new/", letters.letter_new, name="letter_new"),
    path("letters/export/<str:kind>/", letters.letters_export, name="letters_export"),
    path("letters/of/<int:pk>/", letters.letter_make, name="letter_make"),
    path("letters/<int:pk>/", letters.letter, name="letter"),
    path("letters/<int:pk>/letter.pdf", letters.letter_pdf, name="letter_pdf"),
    path("letters/<int:pk>/letter.docx", letters.letter_docx, name="letter_docx"),
    path("letters/<int:pk>/hand-over/", letters.letter_hand_over, name="letter_hand_over"),
    path("letters/<int:pk>/cancel/", letters.letter_cancel, name="letter_cancel"),
    path("letters/<int:pk>/scan/", letters.letter_scan, name="letter_scan"),
    path("letters/<int:pk>/scan/add/", letters.letter_scan_add, name="letter_scan_add"),
]
papers_urls = [
    path("sessions/<int:pk>/papers/", session_papers.papers, name="session_papers"),
    path("sessions/<int:pk>/papers/brief.pdf", session_papers.brief_pdf, name="session_brief"),
    path("sessions/<int:pk>/papers/matrix.pdf", session_papers.matrix_pdf, name="session_matrix"),
    path(
        "sessions/<int:pk>/papers/matrix.xlsx",
        session_papers.matrix_xlsx,
        name="session_matrix_xlsx",
    ),
    path("sessions/<int:pk>/papers/result/", session_papers.result, name="session_result"),
]
pack_urls = [
    path(
        "sessions/<int:pk>/agenda/pack.pdf",
        packs.agenda_pack,
        {"kind": "pdf"},
        name="agenda_pack_pdf",
    ),
    path(
        "sessions/<int:pk>/agenda/pack.docx",
        packs.agenda_pack,
        {"kind": "docx"},
        name="agenda_pack_docx",
    ),
    path("sessions/<int:pk>/agenda/send/", packs.agenda_send, name="agenda_send"),
    path("i/<str:token>/agenda.pdf", packs.reply_agenda, name="reply_agenda"),
]
tracking_urls = [
    path("track/", tracking.track, name="track"),
    path("issues/<str:reference>/receipt/", tracking.receipt, name="receipt"),
    path("issues/<str:reference>/receipt.pdf", tracking.receipt_pdf, name="receipt_pdf"),
]
course_urls = [
    path("issues/<str:reference>/steps/", course.step_add, name="step_add"),
    path("steps/<int:pk>/done/", course.step_finish, name="step_finish"),
    path("steps/<int:pk>/drop/", course.step_drop, name="step_drop"),
    path("issues/<str:reference>/visits/", course.field_check, name="field_check"),
    path("issues/<str:reference>/told/", course.report_back, name="report_back"),
]
repeats_urls = [
    path("issues/drafts/<uuid:key>/similar/", repeats.draft_alike, name="draft_alike"),
    path("issues/drafts/<uuid:key>/link/", repeats.draft_link, name="draft_link"),
    path("issues/<str:reference>/similar/", repeats.issue_alike, name="issue_alike"),
    path("issues/<str:reference>/link/", repeats.issue_link, name="issue_link"),
]
talking_urls = [
    path("issues/<str:reference>/comment/", talking.issue_comment, name="issue_comment"),
    path("referrals/<int:pk>/comment/", talking.referral_comment, name="referral_comment"),
]
redirecting_urls = [
    path("referrals/<int:pk>/not-for-us/", redirecting.propose, name="referral_propose"),
    path("referrals/<int:pk>/pass-on/", redirecting.redirect_at_once, name="referral_redirect"),
    path("redirections/<int:pk>/", redirecting.redirection, name="redirection"),
]
extending_urls = [
    path("referrals/<int:pk>/more-time/", extending.ask, name="referral_extend"),
    path("extensions/<int:pk>/", extending.extension, name="extension"),
]
desk_urls = [
    path("extensions/", desk.extensions, name="extensions"),
    path("calls/", desk.call_list, name="calls"),
    path("no-one-to-tell/", desk.no_one_to_tell, name="no_one"),
    path("no-one-to-tell/<int:pk>/works-again/", desk.works_again, name="works_again"),
]
drafted_urls = [
    path("drafted-answers/<int:pk>/approve/", drafted.approve, name="drafted_approve"),
    path("drafted-answers/<int:pk>/send-back/", drafted.send_back, name="drafted_send_back"),
    path("drafted-answers/<int:pk>/change/", drafted.change, name="drafted_change"),
    path("drafted-answers/<int:pk>/withdraw/", drafted.withdraw, name="drafted_withdraw"),
    path("draft-files/<uuid:key>/", drafted.draft_file, name="draft_file"),
]
link_urls = [
    path("r/<str:token>/", links.link, name="link"),
    path("r/<str:token>/<slug:act>/", links.link_act, name="link_act"),
    path("links/<int:pk>/revoke/", links.link_revoke, name="link_revoke"),
]
holiday_urls = [
    path("holidays/", holidays.this_year, name="holidays_now"),
    path("holidays/<int:year>/", holidays.holidays, name="holidays"),
    path("holidays/<int:year>/new/", holidays.holiday_new, name="holiday_new"),
    path("holidays/<int:year>/propose/", holidays.holidays_propose, name="holidays_propose"),
    path("holidays/<int:year>/confirm/", holidays.holidays_confirm, name="holidays_confirm"),
    path("holidays/days/<int:pk>/", holidays.holiday, name="holiday"),
    path("holidays/days/<int:pk>/remove/", holidays.holiday_remove, name="holiday_remove"),
]
answering_urls = [
    path("answer/<str:token>/", answering.answer, name="answer"),
    path("issues/<str:reference>/call/", answering.issue_call, name="issue_call"),
]
safety_urls = [
    path("issues/<str:reference>/pressured/", safety.issue_pressured, name="issue_pressured"),
    path("issues/<str:reference>/lift/", safety.issue_lift, name="issue_lift"),
]
batch_urls = [
    path("issues/import/", batches.batch_new, name="batch_new"),
    path("issues/import/template.xlsx", batches.batch_template_xlsx, name="batch_template_xlsx"),
    path("issues/import/template.csv", batches.batch_template_csv, name="batch_template_csv"),
    path("issues/import/<int:pk>/", batches.batch, name="batch"),
    path("issues/import/<int:pk>/faults.csv", batches.batch_faults, name="batch_faults"),
    path("issues/import/<int:pk>/commit/", batches.batch_commit, name="batch_commit"),
    path("issues/import/<int:pk>/drop/", batches.batch_drop, name="batch_drop"),
]
together_urls = [
    path("issues/<str:reference>/merge/", together.issue_merge, name="issue_merge"),
    path("issues/<str:reference>/unmerge/", together.issue_unmerge, name="issue_unmerge"),
    path("issues/<str:reference>/same-matter/", together.issue_same, name="issue_same"),
    path("issues/<str:reference>/co-sign/", together.issue_cosign, name="issue_cosign"),
    path("issues/<str:reference>/no-co-sign/", together.issue_uncosign, name="issue_uncosign"),
    path("issues/<str:reference>/split/", together.issue_split, name="issue_split"),
    path("issues/<str:reference>/branch/", together.issue_branch, name="issue_branch"),
]
listing_urls = [
    path("issues/", listing.issues, name="issues"),
    path("issues.csv", listing.issues_csv, name="issues_csv"),
    path("issues/views/", listing.views, name="views"),
    path("issues/views/<int:pk>/", listing.view, name="view"),
    path("issues/views/<int:pk>/delete/", listing.view_delete, name="view_delete"),
]
urlpatterns = board_urls + listing_urls + batch_urls + steps_urls + raising_urls + triage_urls
urlpatterns += referring_urls + agenda_urls + console_urls + screen_urls + closing_urls
urlpatterns += answering_urls + repeats_urls + tracking_urls + course_urls
urlpatterns += safety_urls
urlpatterns += step_urls
urlpatterns += talking_urls + redirecting_urls
urlpatterns += extending_urls + holiday_urls + link_urls
urlpatterns += together_urls + desk_urls + drafted_urls
urlpatterns += papers_urls
urlpatterns += letters_urls
urlpatterns += pack_urls
