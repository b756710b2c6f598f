"""Every write of an issue's life: lock, check, save, record, in one transaction each."""

from issues.actions.agenda import (
    add_point,
    allot,
    arrange,
    cancel_session,
    clear_agendas,
    remove_point,
    schedule,
    schedule_all,
    set_voices,
    take_up_everywhere,
    take_up_reviews,
    unschedule,
)
from issues.actions.approving import (
    approve,
    change_draft,
    resolve,
    respond,
    send_back,
    settle_drafts,
    withdraw_draft,
)
from issues.actions.batching import commit_batch, drop_batch, send_batch, take_in_some
from issues.actions.building import retitle, schedule_before, suggest_voices
from issues.actions.calling import (
    record_call,
    record_call_home,
    record_call_home_once,
    record_call_once,
)
from issues.actions.charging import not_competent, refer_in_session, send_higher, study, suspend
from issues.actions.closing import release
from issues.actions.confirming import confirm, dispute, lapse, partly, reopen
from issues.actions.correcting import correct
from issues.actions.cosigning import answer_cosign, cosign, uncosign
from issues.actions.course import (
    add_step,
    drop_step,
    finish_step,
    record_field_check,
    report_back,
)
from issues.actions.deciding import Press, Said, address, defer, note, withdraw_in_session
from issues.actions.escalating import deescalate, escalate
from issues.actions.evidence import add_evidence, remove_evidence, transcribe
from issues.actions.extending import (
    ask_extension,
    decide_extension,
    extend,
    settle_extensions,
)
from issues.actions.floor import open_floor, record_speakers, reword, show, start, stop
from issues.actions.granting import grant_together
from issues.actions.handing import hand_over, hand_over_all, record_letter
from issues.actions.holidays import (
    add_holiday,
    change_holiday,
    confirm_year,
    propose_year,
    remove_holiday,
)
from issues.actions.keeping import delete_view, record_export, rename_view, save_view
from issues.actions.lettering import (
    Incoming,
    add_letter_scan,
    cancel_letter,
    hand_over_letter,
    make_letter,
    take_in_letter,
)
from issues.actions.linking import link
from issues.actions.links import make_links, revoke_link, use_link
from issues.actions.merging import merge, unmerge
from issues.actions.offices import Charge
from issues.actions.packing import send_pack
from issues.actions.pausing import settle_pauses
from issues.actions.preparing import prepare_reply, withdraw_reply
from issues.actions.protecting import bar, tighten
from issues.actions.raising import (
    discard,
    edit,
    read_protected,
    reply,
    save_draft,
    submit,
    submit_on_behalf,
    withdraw,
)
from issues.actions.recording import record_answer
from issues.actions.redirecting import decide_redirect, propose_redirect, redirect
from issues.actions.referring import (
    acknowledge,
    answer,
    ask,
    recall,
    refer,
)
from issues.actions.safety import lift, pressured
from issues.actions.scanning import scan_some
from issues.actions.screens import renew_screen
from issues.actions.selecting import Bulk, each
from issues.actions.splitting import branch, split
from issues.actions.talking import comment
from issues.actions.triage import accept, decline, publish, return_, unpublish

__all__ = [
    "Bulk",
    "Charge",
    "Incoming",
    "Press",
    "Said",
    "accept",
    "acknowledge",
    "add_evidence",
    "add_holiday",
    "add_letter_scan",
    "add_point",
    "add_step",
    "address",
    "allot",
    "answer",
    "answer_cosign",
    "approve",
    "arrange",
    "ask",
    "ask_extension",
    "bar",
    "branch",
    "cancel_letter",
    "cancel_session",
    "change_draft",
    "change_holiday",
    "clear_agendas",
    "comment",
    "commit_batch",
    "confirm",
    "confirm_year",
    "correct",
    "cosign",
    "decide_extension",
    "decide_redirect",
    "decline",
    "deescalate",
    "defer",
    "delete_view",
    "discard",
    "dispute",
    "drop_batch",
    "drop_step",
    "each",
    "edit",
    "escalate",
    "extend",
    "finish_step",
    "grant_together",
    "hand_over",
    "hand_over_all",
    "hand_over_letter",
    "lapse",
    "lift",
    "link",
    "make_letter",
    "make_links",
    "merge",
    "not_competent",
    "note",
    "open_floor",
    "partly",
    "prepare_reply",
    "pressured",
    "propose_redirect",
    "propose_year",
    "publish",
    "read_protected",
    "recall",
    "record_answer",
    "record_call",
    "record_call_home",
    "record_call_home_once",
    "record_call_once",
    "record_export",
    "record_field_check",
    "record_letter",
    "record_speakers",
    "redirect",
    "refer",
    "refer_in_session",
    "release",
    "remove_evidence",
    "remove_holiday",
    "remove_point",
    "rename_view",
    "renew_screen",
    "reopen",
    "reply",
    "report_back",
    "resolve",
    "respond",
    "retitle",
    "return_",
    "revoke_link",
    "reword",
    "save_draft",
    "save_view",
    "scan_some",
    "schedule",
    "schedule_all",
    "schedule_before",
    "send_back",
    "send_batch",
    "send_higher",
    "send_pack",
    "set_voices",
    "settle_drafts",
    "settle_extensions",
    "settle_pauses",
    "show",
    "split",
    "start",
    "stop",
    "study",
    "submit",
    "submit_on_behalf",
    "suggest_voices",
    "suspend",
    "take_in_letter",
    "take_in_some",
    "take_up_everywhere",
    "take_up_reviews",
    "tighten",
    "transcribe",
    "uncosign",
    "unmerge",
    "unpublish",
    "unschedule",
    "use_link",
    "withdraw",
    "withdraw_draft",
    "withdraw_in_session",
    "withdraw_reply",
]
