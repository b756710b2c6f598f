"""What everybody gets by GET from every address of the project, written out.

A new address gets one line in TABLE: its name, the thing it is about (a key of ``things``, or –
for an address without arguments), and the status for each of READERS.
"""

import uuid

import pytest
from django.urls import get_resolver, reverse

from audit.models import AuditEntry
from forum import feeds, replies
from forum.models import PresidingRole
from issues import claims
from issues.models import Referral, Screen
from tests.factories import (
    AgendaItemFactory,
    AuthorityFactory,
    ContactPointFactory,
    EvidenceFactory,
    HolidayFactory,
    InvitationFactory,
    NoticeFactory,
    OrganizationFactory,
    PresiderFactory,
    ProtectedPartFactory,
    ProvinceFactory,
    SessionFactory,
    UserFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_inbox import IncomingFactory
from tests.factories_more import (
    BatchFactory,
    CalendarFeedFactory,
    DelegateFactory,
    DraftFileFactory,
    ExtensionFactory,
    HonorificFactory,
    LetterFactory,
    LinkFactory,
    MinutesCommentFactory,
    MinutesFactory,
    ProgrammeFactory,
    RedirectionFactory,
    RoadTimeFactory,
    SavedViewFactory,
    StepFactory,
)

LINK_KEY = "k" * 43
READERS = (
    "anonymous",
    "representative",
    "official",
    "coordinator",
    "administrator",
    "other_representative",
    "other_official",
    "other_coordinator",
)
# Columns as in READERS; the others have nothing to do with the things.
TABLE = """
home                                    –            200  200  200  200  200  200  200  200
status                                  –            302  403  403  200  200  403  403  200
hold_outbound                           –            302  403  403  403  200  403  403  403
lift_outbound                           –            302  405  405  405  405  405  405  405
live                                    –            200  200  200  200  200  200  200  200
ready                                   –            200  200  200  200  200  200  200  200
choose_language                         –            405  405  405  405  405  405  405  405

account_login                           –            200  302  302  302  302  302  302  302
account_logout                          –            302  200  200  200  200  200  200  200
account_inactive                        –            200  200  200  200  200  200  200  200
account_signup                          –            200  302  302  302  302  302  302  302
account_reauthenticate                  –            302  200  200  200  200  200  200  200
account_email                           –            302  200  200  200  200  200  200  200
account_email_verification_sent         –            200  200  200  200  200  200  200  200
account_change_password                 –            302  200  200  200  200  200  200  200
account_set_password                    –            302  302  302  302  302  302  302  302
account_reset_password                  –            200  200  200  200  200  200  200  200
account_confirm_login_code              –            302  302  302  302  302  302  302  302
account_confirm_email                   key          200  200  200  200  200  200  200  200
account_verify_phone                    –            302  302  302  302  302  302  302  302
account_change_phone                    –            302  200  200  200  200  200  200  200
account_reset_password_from_key_done    –            200  200  200  200  200  200  200  200
account_reset_password_from_key         reset        200  200  200  200  200  200  200  200
account_reset_password_done             –            200  200  200  200  200  200  200  200

provinces:authorities                   –            302  200  200  200  200  200  200  200
provinces:authority                     authority    302  200  200  200  200  200  200  200
provinces:contact_new                   authority    302  403  403  200  200  403  403  403
accounts:office_approval                authority    302  403  403  200  200  403  403  403
provinces:authority_superior            authority    302  403  403  403  200  403  403  403
provinces:authority_themes              authority    302  403  403  403  200  403  403  403
provinces:themes                        –            302  403  403  200  200  403  403  200
provinces:theme_new                     –            302  403  403  403  200  403  403  403
provinces:theme                         theme        302  403  403  403  200  403  403  403
provinces:honorifics                    –            302  403  403  403  200  403  403  403
provinces:honorific_new                 –            302  403  403  403  200  403  403  403
provinces:honorific                     honorific    302  403  403  403  200  403  403  403
provinces:roads                         –            302  403  403  200  200  403  403  200
provinces:road                          road         302  403  403  403  200  403  403  403
provinces:contact                       contact      302  404  404  200  200  404  404  404
provinces:districts                     –            302  200  200  200  200  200  200  200
provinces:communes                      –            302  200  200  200  200  200  200  200
provinces:villages                      –            302  200  200  200  200  200  200  200

accounts:organizations                  –            302  200  404  200  200  200  404  200
accounts:organization_new               –            302  403  403  200  200  403  403  200
accounts:organization                   organization 302  200  404  200  200  404  404  404
accounts:organization_edit              organization 302  403  404  200  200  404  404  404
accounts:people                         –            302  404  404  200  200  404  404  200
accounts:person_new                     –            302  404  404  200  200  404  404  200
accounts:person                         person       302  404  404  404  200  404  404  404
accounts:person_card                    person       302  405  405  405  405  405  405  405
accounts:role_end                       role         302  405  405  405  405  405  405  405
accounts:account                        –            302  200  200  200  200  200  200  200

outbox:ways                             –            302  200  200  200  200  200  200  200
outbox:mute                             –            302  405  405  405  405  405  405  405
outbox:unmute                           –            302  405  405  405  405  405  405  405
outbox:telegram_code                    –            302  405  405  405  405  405  405  405
outbox:telegram_unlink                  –            302  405  405  405  405  405  405  405
outbox:service_address                  person       302  404  404  404  200  404  404  404
outbox:service_address_remove           person       302  405  405  405  405  405  405  405
outbox:mail_receipt                     –            405  405  405  405  405  405  405  405
outbox:sms_receipt                      –            405  405  405  405  405  405  405  405
outbox:outbox                           –            302  403  403  200  403  403  403  200
outbox:release_all                      –            302  403  403  200  403  403  403  200
outbox:bulk                             bulk_act     302  403  403  200  403  403  403  200
outbox:notice                           notice       302  403  403  200  403  403  403  404
outbox:retry                            notice       302  405  405  405  405  405  405  405
outbox:cancel                           notice       302  405  405  405  405  405  405  405
outbox:release                          notice       302  405  405  405  405  405  405  405
outbox:send_now                         notice       302  405  405  405  405  405  405  405
outbox:hold                             notice       302  405  405  405  405  405  405  405
outbox:let_go                           notice       302  405  405  405  405  405  405  405
outbox:by_phone                         notice       302  405  405  405  405  405  405  405
outbox:other_way                        notice       302  405  405  405  405  405  405  405

reminders:policy                        –            302  403  403  403  200  403  403  403
reminders:ladder                        priority     302  403  403  403  200  403  403  403
reminders:preview                       priority     302  405  405  405  405  405  405  405
reminders:provinces                     –            302  403  403  403  200  403  403  403
reminders:province                      code         302  405  405  405  405  405  405  405
reminders:hours                         –            302  403  403  403  200  403  403  403

inbox:inbox                             –            302  403  403  200  200  403  403  200
inbox:incoming                          mail         302  403  403  200  404  403  403  404
inbox:incoming_raw                      mail         302  403  403  200  404  403  403  404
inbox:attach                            mail         302  403  403  200  404  403  403  404
inbox:dismiss                           mail         302  405  405  405  405  405  405  405

forum:forums                            –            200  200  200  200  200  200  200  200
forum:forum_new                         –            302  403  403  200  403  403  403  200
forum:forum                             forum        404  200  200  200  404  404  404  404
forum:forum_edit                        forum        302  403  403  200  404  404  404  404
forum:forum_calls                       forum        302  403  403  200  404  404  404  404
forum:forum_copy                        forum        302  403  403  200  404  404  404  404
forum:session_new                       forum        302  403  403  200  404  404  404  404
forum:board                             forum        302  403  403  200  404  404  404  404
forum:calendar                          –            200  200  200  200  200  200  200  200
forum:calendar_feed                     –            200  200  200  200  200  200  200  200
forum:calendar_own                      feed         200  200  200  200  200  200  200  200
forum:calendar_address                  –            302  200  200  200  200  200  200  200
forum:calendar_address_renew            –            302  405  405  405  405  405  405  405
forum:calendar_address_revoke           –            302  405  405  405  405  405  405  405
forum:session_file                      session      404  404  404  200  404  404  404  404
forum:session                           session      404  200  200  200  404  404  404  404
forum:session_edit                      session      302  403  403  200  404  404  404  404
forum:session_move                      session      302  403  403  200  404  404  404  404
forum:session_open                      session      302  403  403  200  404  404  404  404
forum:session_reason                    session      302  403  403  302  404  404  404  404
forum:session_reinstate                 session      302  403  403  302  404  404  404  404
forum:session_presiders                 session      302  403  403  200  404  404  404  404
forum:presider_new                      session      302  403  403  200  404  404  404  404
forum:invitations                       session      302  403  403  200  404  404  404  404
forum:session_attendance                session      302  403  403  302  404  404  404  404
forum:check_in                          session      302  403  403  200  404  404  404  404
forum:check_in_ticks                    session      302  405  405  405  405  405  405  405
forum:check_in_count                    session      302  403  403  200  404  404  404  404
forum:check_in_one                      expected     302  403  403  200  404  404  404  404
forum:session_sheet                     session      302  403  403  200  404  404  404  404
forum:session_certificates              session      302  403  403  302  404  404  404  404
forum:programme_publish                 forum        302  403  403  200  404  404  404  404
forum:programmes                        forum        302  403  403  200  404  404  404  404
forum:programme                         version      302  403  403  200  404  404  404  404
forum:told                              forum        302  403  403  200  404  404  404  404
forum:invitation_answer                 invitation   302  200  404  200  404  404  404  404
forum:invitation_uninvite               invitation   302  405  405  405  405  405  405  405
forum:invitations_send                  session      302  403  403  302  404  404  404  404
forum:invitations_remind                session      302  403  403  200  404  404  404  404
forum:letters                           session      302  403  403  200  404  404  404  404
forum:letters_pdf                       session      302  403  403  200  404  404  404  404
forum:invitation                        invitation   302  403  404  200  404  404  404  404
forum:invitation_handed_over            invitation   302  405  405  405  405  405  405  405
forum:invitation_letter                 invitation   302  403  404  200  404  404  404  404
forum:letter_pdf                        invitation   302  200  404  200  404  404  404  404
forum:letter_docx                       invitation   302  403  404  200  404  404  404  404
forum:reply                             reply_link   200  200  200  200  200  200  200  200
forum:reply_letter                      reply_link   200  200  200  200  200  200  200  200
forum:reply_calendar                    reply_link   200  200  200  200  200  200  200  200
forum:delegates                         invitation   302  200  404  200  404  404  404  404
forum:delegate                          delegate     302  200  404  200  404  404  404  404
forum:reply_delegates                   reply_link   200  200  200  200  200  200  200  200
forum:reply_delegate                    reply_named  200  200  200  200  200  200  200  200
forum:session_names                     session      302  403  403  200  404  404  404  404
forum:venues                            –            302  403  403  200  403  403  403  200
forum:venue_new                         –            302  403  403  200  403  403  403  200
forum:venue                             venue        404  404  404  200  404  404  404  404
forum:venue_edit                        venue        302  404  404  200  404  404  404  404
forum:presiders                         –            302  403  403  200  200  403  403  200
forum:presider_add                      –            302  403  403  200  200  403  403  200
forum:presider                          presider     302  404  404  200  200  404  404  404
forum:presiding_roles                   –            302  403  403  403  200  403  403  403
forum:presiding_role_new                –            302  403  403  403  200  403  403  403
forum:presiding_role                    office       302  403  403  403  200  403  403  403
forum:session_team                      session      302  403  403  200  404  404  404  404

issues:batch_new                        –            302  403  403  200  403  403  403  200
issues:batch_template_xlsx              –            302  403  403  200  403  403  403  200
issues:batch_template_csv               –            302  403  403  200  403  403  403  200
issues:batch                            batch        302  404  404  200  404  404  404  404
issues:batch_faults                     batch        302  404  404  200  404  404  404  404
issues:batch_commit                     batch        302  405  405  405  405  405  405  405
issues:batch_drop                       batch        302  405  405  405  405  405  405  405
issues:issue_new                        –            302  200  403  200  403  200  403  200
issues:who_sees                         –            302  200  200  200  200  200  200  200
issues:on_this_phone                    –            200  200  200  200  200  200  200  200
issues:drafts                           –            302  200  403  200  403  200  403  200
issues:drafts_known                     –            302  405  405  405  405  405  405  405
issues:draft_step                       chapter      302  200  404  404  404  404  404  404
issues:intake_form                      –            200  200  200  200  200  200  200  200
issues:draft                            draft        302  200  404  404  404  404  404  404
issues:draft_edit                       draft        302  200  404  404  404  404  404  404
issues:draft_submit                     draft        302  302  404  404  404  404  404  404
issues:draft_delete                     draft        302  200  404  404  404  404  404  404
issues:draft_files                      draft        302  200  404  404  404  404  404  404
issues:issue                            referred     404  200  200  200  404  404  404  404
issues:issue_edit                       submitted    302  200  404  200  404  404  404  404
issues:issue_files                      referred     302  200  403  200  404  404  404  404
issues:issue_reply                      returned     302  200  404  200  404  404  404  404
issues:issue_withdraw                   referred     302  200  403  200  404  404  404  404
issues:issue_confirm                    resolved     302  200  403  200  404  404  404  404
issues:issue_dispute                    resolved     302  200  403  200  404  404  404  404
issues:issue_partly                     resolved     302  200  403  200  404  404  404  404
issues:evidence                         evidence     302  200  200  200  404  404  404  404
issues:thumbnail                        evidence     302  404  404  404  404  404  404  404
issues:evidence_remove                  file         302  405  405  405  405  405  405  405
issues:evidence_transcript              recording    302  403  404  200  404  404  404  404
issues:published                        –            200  200  200  200  200  200  200  200
issues:issues                           –            302  200  200  200  200  200  200  200
issues:issues_csv                       –            302  302  302  302  302  302  302  302
issues:views                            –            302  200  200  200  200  200  200  200
issues:view                             view         302  404  404  200  404  404  404  404
issues:view_delete                      view         302  405  405  405  405  405  405  405
issues:issue_accept                     submitted    302  403  404  200  404  404  404  404
issues:issue_return                     submitted    302  403  404  200  404  404  404  404
issues:issue_decline                    referred     302  403  403  200  404  404  404  404
issues:issue_publish                    referred     302  403  403  302  404  404  404  404
issues:issue_unpublish                  referred     302  403  403  302  404  404  404  404
issues:issue_tighten                    referred     302  200  403  200  404  404  404  404
issues:issue_concern                    referred     302  200  403  200  404  404  404  404
issues:issue_reopen                     resolved     302  403  403  302  404  404  404  404
issues:issue_refer                      referred     302  403  403  200  404  404  404  404
issues:triage                           –            302  403  403  200  403  403  403  200
issues:triage_selected                  –            302  403  403  302  403  403  403  302
issues:issue_offices                    submitted    302  404  404  200  404  404  404  404
issues:issue_correct                    referred     302  403  403  200  404  404  404  404
issues:issue_protected                  referred     302  403  403  200  404  404  404  404
issues:issue_pressured                  referred     302  200  403  200  404  404  404  404
issues:issue_lift                       referred     302  403  403  302  404  404  404  404
issues:referrals                        –            302  403  200  200  403  403  200  200
issues:referrals_letter                 –            302  403  200  403  403  403  200  403
issues:referral                         referral     302  200  200  200  404  404  404  404
issues:referral_acknowledge             referral     302  405  405  405  405  405  405  405
issues:referral_respond                 referral     302  403  200  403  404  404  404  404
issues:referral_ask                     referral     302  403  200  403  404  404  404  404
issues:referral_reply                   referral     302  200  403  200  404  404  404  404
issues:referral_resolve                 referral     302  403  200  200  404  404  404  404
issues:referral_recall                  referral     302  403  403  200  404  404  404  404
issues:referral_hand_over               referral     302  403  403  200  404  404  404  404
issues:referral_call                    referral     302  403  403  200  404  404  404  404
issues:referral_comment                 referral     302  403  200  403  404  404  404  404
issues:referral_propose                 referral     302  403  200  403  404  404  404  404
issues:referral_redirect                referral     302  403  403  200  404  404  404  404
issues:redirection                      redirection  302  403  403  200  404  404  404  404
issues:referral_extend                  referral     302  403  200  200  404  404  404  404
issues:extension                        extension    302  403  403  200  404  404  404  404
issues:extensions                       –            302  403  403  200  403  403  403  200
issues:calls                            –            302  403  403  200  403  403  403  200
issues:no_one                           –            302  403  403  200  403  403  403  200
issues:works_again                      notice       302  405  405  405  405  405  405  405
reminders:rungs                         referral     302  403  403  200  404  404  404  404
climbs:escalate                         referral     302  403  403  302  404  404  404  404
climbs:deescalate                       referral     302  403  403  200  404  404  404  404
issues:drafted_approve                  drafted      302  405  405  405  405  405  405  405
issues:drafted_send_back                drafted      302  404  200  404  404  404  404  404
issues:drafted_change                   drafted      302  404  403  404  404  404  404  404
issues:drafted_withdraw                 drafted      302  405  405  405  405  405  405  405
issues:draft_file                       draft_file   302  404  200  404  404  404  404  404
issues:holidays_now                     –            302  403  403  403  302  403  403  403
issues:holidays                         year         302  403  403  403  200  403  403  403
issues:holiday_new                      year         302  403  403  403  200  403  403  403
issues:holidays_propose                 year         302  403  403  403  200  403  403  403
issues:holidays_confirm                 year         302  405  405  405  405  405  405  405
issues:holiday                          holiday      302  403  403  403  200  403  403  403
issues:holiday_remove                   holiday      302  403  403  403  200  403  403  403
issues:issue_comment                    referred     302  200  403  200  404  404  404  404
issues:issue_call                       resolved     302  403  403  200  404  404  404  404
issues:answer                           token        200  200  200  200  200  200  200  200
issues:link                             link         200  200  200  200  200  200  200  200
issues:link_act                         link_act     200  200  200  200  200  200  200  200
issues:letters                          –            302  403  403  200  403  403  403  200
issues:letter_new                       –            302  403  403  200  403  403  403  200
issues:letters_export                   table        302  403  403  302  403  403  403  302
issues:letter_make                      notice       302  405  405  405  405  405  405  405
issues:letter                           letter       302  403  403  200  403  403  403  404
issues:letter_pdf                       letter       302  403  403  200  403  403  403  404
issues:letter_docx                      letter       302  403  403  200  403  403  403  404
issues:letter_hand_over                 letter       302  403  403  200  403  403  403  404
issues:letter_cancel                    letter       302  403  403  200  403  403  403  404
issues:letter_scan                      letter       302  403  403  404  403  403  403  404
issues:letter_scan_add                  letter       302  403  403  200  403  403  403  404
issues:link_revoke                      link_row     302  405  405  405  405  405  405  405
issues:track                            –            200  200  200  200  200  200  200  200
issues:receipt                          referred     302  200  403  200  404  404  404  404
issues:receipt_pdf                      referred     302  200  403  200  404  404  404  404
issues:draft_alike                      draft        302  200  404  404  404  404  404  404
issues:draft_link                       draft        302  405  405  405  405  405  405  405
issues:issue_alike                      referred     302  200  403  200  404  404  404  404
issues:issue_merge                      submitted    302  403  404  200  404  404  404  404
issues:issue_unmerge                    referred     302  403  403  302  404  404  404  404
issues:issue_same                       referred     302  302  403  403  404  404  404  404
issues:issue_cosign                     referred     302  403  403  403  404  404  404  404
issues:issue_uncosign                   referred     302  403  403  403  404  404  404  404
issues:issue_split                      submitted    302  403  404  200  404  404  404  404
issues:issue_branch                     referred     302  403  403  200  404  404  404  404
issues:issue_link                       referred     302  405  405  405  405  405  405  405
issues:step_add                         referred     302  403  200  200  404  404  404  404
issues:step_finish                      step         302  403  200  200  404  404  404  404
issues:step_drop                        step         302  403  200  200  404  404  404  404
issues:field_check                      referred     302  403  403  200  404  404  404  404
issues:report_back                      resolved     302  200  403  200  404  404  404  404
issues:agenda                           session      302  200  200  200  404  404  404  404
issues:agenda_add                       session      302  405  405  405  405  405  405  405
issues:agenda_point                     session      302  405  405  405  405  405  405  405
issues:agenda_arrange                   session      302  405  405  405  405  405  405  405
issues:agenda_heading                   session      302  405  405  405  405  405  405  405
issues:agenda_reviews                   session      302  405  405  405  405  405  405  405
issues:agenda_offices                   session      302  405  405  405  405  405  405  405
issues:agenda_suggested                 session      302  403  403  200  404  404  404  404
issues:agenda_grouped                   session      302  403  403  200  404  404  404  404
issues:replies                          session      302  404  200  404  404  404  404  404
issues:item_reply                       item_office  302  405  405  405  405  405  405  405
issues:item_voices                      item         302  403  403  200  404  404  404  404
issues:item_retitle                     item         302  405  405  405  405  405  405  405
issues:item_allot                       item         302  405  405  405  405  405  405  405
issues:item_remove                      item         302  405  405  405  405  405  405  405
issues:console                          session      302  403  403  200  404  404  404  404
issues:console_state                    session      302  403  403  200  404  404  404  404
issues:console_worker                   session      302  403  403  200  404  404  404  404
issues:item_part                        item         302  403  403  200  404  404  404  404
issues:item_address                     item         302  405  405  405  405  405  405  405
issues:item_refer                       item         302  405  405  405  405  405  405  405
issues:item_defer                       item         302  405  405  405  405  405  405  405
issues:item_note                        item         302  405  405  405  405  405  405  405
issues:item_study                       item         302  405  405  405  405  405  405  405
issues:item_suspend                     item         302  405  405  405  405  405  405  405
issues:item_higher                      item         302  405  405  405  405  405  405  405
issues:item_not_competent               item         302  405  405  405  405  405  405  405
issues:item_withdraw                    item         302  405  405  405  405  405  405  405
issues:item_reword                      item         302  405  405  405  405  405  405  405
issues:item_start                       item         302  405  405  405  405  405  405  405
issues:item_stop                        item         302  405  405  405  405  405  405  405
issues:item_show                        item         302  405  405  405  405  405  405  405
issues:item_hide                        item         302  405  405  405  405  405  405  405
issues:item_speakers                    item         302  405  405  405  405  405  405  405
issues:screen                           session      302  200  200  200  404  404  404  404
issues:screen_address                   session      302  403  403  200  404  404  404  404
issues:room                             room         200  200  200  200  200  200  200  200
issues:room_part                        room         200  200  200  200  200  200  200  200
issues:agenda_pack_pdf                  session      302  200  200  200  404  404  404  404
issues:agenda_pack_docx                 session      302  200  200  200  404  404  404  404
issues:agenda_send                      session      302  403  403  200  404  404  404  404
issues:reply_agenda                     reply_link   200  200  200  200  200  200  200  200
issues:session_letters                  session      302  403  403  200  404  404  404  404
issues:session_release                  session      302  403  403  200  404  404  404  404
issues:session_cancel                   session      302  403  403  200  404  404  404  404
issues:session_papers                   session      302  403  403  200  404  404  404  404
issues:session_brief                    session      302  403  403  200  404  404  404  404
issues:session_matrix                   session      302  403  403  200  404  404  404  404
issues:session_matrix_xlsx              session      302  403  403  200  404  404  404  404
issues:session_result                   session      302  403  403  200  404  404  404  404

minutes:minutes                         minuted      404  200  200  200  404  404  404  404
minutes:minutes_pdf                     minuted      404  200  200  200  404  404  404  404
minutes:minutes_docx                    minuted      404  200  200  200  404  404  404  404
minutes:passage                         min_passage  302  403  403  200  404  404  404  404
minutes:discussion                      min_item     302  403  403  200  404  404  404  404
minutes:comment                         min_place    302  200  200  403  404  404  404  404
minutes:comment_item                    min_turn     302  200  200  403  404  404  404  404
minutes:comment_answer                  min_comment  302  403  403  200  404  404  404  404
minutes:number                          minuted      302  403  403  200  404  404  404  404
minutes:send                            minuted      302  403  403  200  404  404  404  404
minutes:approve                         minuted      302  403  403  200  404  404  404  404
minutes:scan                            minuted      302  403  403  404  404  404  404  404
minutes:scan_add                        minuted      302  403  403  302  404  404  404  404
minutes:publish                         minuted      302  403  403  302  404  404  404  404
minutes:withdraw                        minuted      302  403  403  302  404  404  404  404
minutes:amend                           minuted      302  403  403  302  404  404  404  404
minutes:verify                          min_code     200  200  200  200  200  200  200  200
"""


def rows():
    """Each line as (name, thing, statuses)."""
    for line in filter(None, TABLE.splitlines()):
        name, thing, *statuses = line.split()
        yield name, thing, [int(status) for status in statuses]


def names(resolver, namespace=""):
    """The name of every address of the project."""
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names(pattern, inner)
        else:
            yield f"{namespace}{pattern.name}"


@pytest.fixture
def office():
    return AuthorityFactory()


@pytest.fixture
def organization():
    return OrganizationFactory()


@pytest.fixture
def people(office, organization):
    """One of each role who has to do with the things, and one of each who has not."""
    province, elsewhere = office.province, ProvinceFactory(code="16")
    return {
        "anonymous": None,
        "representative": representative_of(organization),
        "official": official_of(office),
        "coordinator": coordinator_of(province),
        "administrator": administrator(),
        "other_representative": representative_of(OrganizationFactory()),
        "other_official": official_of(AuthorityFactory()),
        "other_coordinator": coordinator_of(elsewhere),
    }


@pytest.fixture
def things(office, organization, people, settings, tmp_path):
    """The arguments of the addresses: rows that all but the administrator have to do with."""
    settings.MEDIA_ROOT = tmp_path
    issues = {
        status: issue_in(status, organization=organization, authority=office)
        for status in ("draft", "submitted", "returned", "accepted", "referred", "resolved")
    }
    referral = Referral.objects.get(issue=issues["referred"])
    # On a referral of their own, as each closes a page of it: a proposal that waits that of
    # another one, an answer that waits for approval that of answering by a link.
    proposed = issue_in("referred", organization=organization, authority=office)
    other_held = Referral.objects.get(issue=proposed)
    session = SessionFactory()
    item = AgendaItemFactory(session=session, issue=issue_in("accepted", organization=organization))
    issues["scheduled"] = item.issue
    ProtectedPartFactory(issue=issues["referred"])
    invitation = InvitationFactory(session=session, organization=organization)
    reply_token = replies.token_of(invitation.pk, f"user:{people['representative'].pk}")
    InvitationFactory(session=session, authority=office)
    other = UserFactory()
    link = LinkFactory(key=LINK_KEY, referral=referral)
    draft_file = DraftFileFactory(draft__referral=other_held)
    return {name: [issue.reference] for name, issue in issues.items() if issue.reference} | {
        "–": [],
        "batch": [BatchFactory(by=people["coordinator"], state="done").pk],
        "draft": [issues["draft"].client_key],
        "chapter": [issues["draft"].client_key, "where"],
        "referral": [referral.pk],
        "session": [session.pk],
        "room": [Screen.objects.create(session=session).key],
        "expected": [session.pk, DelegateFactory(invitation=invitation).code],
        "extension": [ExtensionFactory(referral=other_held).pk],
        "drafted": [draft_file.draft_id],
        "draft_file": [draft_file.key],
        "year": [2044],
        "priority": [0],
        "code": ["11"],
        "bulk_act": ["send"],
        "holiday": [HolidayFactory().pk],
        "redirection": [RedirectionFactory(referral=other_held).pk],
        "forum": [session.forum_id],
        **_minuted(organization, office),
        "version": [session.forum_id, ProgrammeFactory(forum=session.forum).number],
        "venue": [session.venue_id],
        "presider": [PresiderFactory(province=session.province).pk],
        "office": [PresidingRole.objects.get_or_create(code="governor")[0].pk],
        "item": [item.pk],
        "item_office": [item.pk, office.pk],
        "step": [StepFactory(issue=issues["referred"]).pk],
        "token": [claims.token(issues["resolved"].pk, 1, people["representative"].pk)],
        "link": [LINK_KEY],
        "link_act": [LINK_KEY, "respond"],
        "letter": [LetterFactory(referral=referral).pk],
        "table": ["csv"],
        "link_row": [link.pk],
        "invitation": [invitation.pk],
        "reply_link": [reply_token],
        "reply_named": [reply_token, 1],
        "feed": [feeds.token_of(CalendarFeedFactory())],
        "delegate": [invitation.pk, DelegateFactory(invitation=invitation).number],
        "evidence": [EvidenceFactory(issue=issues["referred"]).key],
        "file": [EvidenceFactory(issue=issues["draft"]).key],
        "recording": [EvidenceFactory(issue=issues["referred"], kind="audio", is_inside=True).key],
        "notice": [NoticeFactory(subject=f"referral:{referral.pk}", state="failed").pk],
        "mail": [IncomingFactory(province=office.province, state="held").pk],
        "authority": [office.pk],
        "theme": [referral.issue.theme_id],
        "honorific": [HonorificFactory().pk],
        "road": [RoadTimeFactory().one_id, "16"],
        "contact": [ContactPointFactory(authority=office).pk],
        "organization": [organization.pk],
        "person": [other.pk],
        "role": [people["official"].role_assignments.get().pk],
        "view": [SavedViewFactory(user=people["coordinator"]).pk],
        "key": [uuid.uuid4().hex],
        "reset": ["1", "a-b"],
    }


def _minuted(organization, office):
    """A session whose minutes wait for the comments of both; other ones were approved."""
    session = SessionFactory(status="released")
    InvitationFactory(session=session, organization=organization)
    InvitationFactory(session=session, authority=office)
    item = AgendaItemFactory(session=session, issue=issue_in("accepted", organization=organization))
    minutes = MinutesFactory(session=session, status="for_comment")
    comment = MinutesCommentFactory(minutes=minutes, organization=organization)
    return {
        "minuted": [session.pk],
        "min_passage": [session.pk, "opening", "en"],
        "min_item": [session.pk, item.pk, "en"],
        "min_place": [session.pk, "opening"],
        "min_turn": [session.pk, item.pk],
        "min_comment": [session.pk, comment.pk],
        "min_code": [MinutesFactory(status="approved").code],
    }


def test_every_address_of_the_project_stands_in_the_table_once():
    assert sorted(name for name, _thing, _statuses in rows()) == sorted(names(get_resolver()))


@pytest.mark.django_db
@pytest.mark.parametrize("reader", READERS)
def test_every_address_answers_every_reader_as_the_table_says(client, people, things, reader):
    client.raise_request_exception = False
    if people[reader]:
        client.force_login(people[reader])
    written = AuditEntry.objects.count()

    got = [(name, _status(client, reverse(name, args=things[thing]))) for name, thing, _ in rows()]

    column = READERS.index(reader)
    assert got == [(name, statuses[column]) for name, _thing, statuses in rows()]
    assert AuditEntry.objects.count() == written  # reading by GET leaves no act behind


def _status(client, address):
    response = client.get(address)
    if response.streaming:
        list(response.streaming_content)  # read to its end, a file is closed
    return response.status_code
