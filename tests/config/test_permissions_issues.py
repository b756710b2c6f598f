"""What three more readers get by GET from the pages of an issue, written out.

An official of an office above the one that was asked, an organization that co-signs, and a
coordinator of all provinces; the things are those of the table of permissions.
"""

import pytest
from django.urls import reverse

from issues.models import Issue
from provinces.models import Authority
from tests.config.test_permissions_table import (  # noqa: F401 - the fixtures of the table
    _status,
    office,
    organization,
    people,
    rows,
    things,
)
from tests.factories import (
    AuthorityFactory,
    OrganizationFactory,
    coordinator_of,
    official_of,
    representative_of,
)
from tests.factories_more import CosignFactory

READERS = ("superior", "cosigner", "everywhere")
TABLE = """
issues:batch                batch        404  404  404
issues:batch_faults         batch        404  404  404
issues:draft_step           chapter      404  404  404
issues:draft                draft        404  404  404
issues:draft_edit           draft        404  404  404
issues:draft_submit         draft        404  404  404
issues:draft_delete         draft        404  404  404
issues:draft_files          draft        404  404  404
issues:issue                referred     200  200  200
issues:issue_edit           submitted    404  404  200
issues:issue_files          referred     403  403  200
issues:issue_reply          returned     404  404  200
issues:issue_withdraw       referred     403  403  200
issues:issue_confirm        resolved     403  403  200
issues:issue_dispute        resolved     403  403  200
issues:issue_partly         resolved     403  403  200
issues:evidence             evidence     200  404  200
issues:thumbnail            evidence     404  404  404
issues:evidence_transcript  recording    404  404  200
issues:view                 view         404  404  404
issues:issue_accept         submitted    404  404  200
issues:issue_return         submitted    404  404  200
issues:issue_decline        referred     403  403  200
issues:issue_publish        referred     403  403  302
issues:issue_unpublish      referred     403  403  302
issues:issue_tighten        referred     403  403  200
issues:issue_concern        referred     403  403  200
issues:issue_reopen         resolved     403  403  302
issues:issue_refer          referred     403  403  200
issues:issue_offices        submitted    404  404  200
issues:issue_correct        referred     403  403  200
issues:issue_protected      referred     403  403  200
issues:issue_pressured      referred     403  403  200
issues:issue_lift           referred     403  403  302
issues:referral             referral     200  404  200
issues:referral_respond     referral     403  404  403
issues:referral_ask         referral     403  404  403
issues:referral_reply       referral     403  404  200
issues:referral_resolve     referral     403  404  200
issues:referral_recall      referral     403  404  200
issues:referral_hand_over   referral     403  404  200
issues:referral_call        referral     403  404  200
issues:referral_comment     referral     403  404  403
issues:referral_propose     referral     403  404  403
issues:referral_redirect    referral     403  404  200
issues:redirection          redirection  403  404  200
issues:referral_extend      referral     403  404  200
issues:extension            extension    403  404  200
issues:drafted_send_back    drafted      404  404  404
issues:drafted_change       drafted      404  404  404
issues:draft_file           draft_file   404  404  404
issues:holidays             year         403  403  403
issues:holiday_new          year         403  403  403
issues:holidays_propose     year         403  403  403
issues:holiday              holiday      403  403  403
issues:holiday_remove       holiday      403  403  403
issues:letters_export       table        403  403  302
issues:letter               letter       403  403  200
issues:letter_pdf           letter       403  403  200
issues:letter_docx          letter       403  403  200
issues:letter_hand_over     letter       403  403  200
issues:letter_cancel        letter       403  403  200
issues:letter_scan          letter       403  403  404
issues:letter_scan_add      letter       403  403  200
issues:issue_comment        referred     403  403  200
issues:issue_call           resolved     403  403  200
issues:receipt              referred     403  403  200
issues:receipt_pdf          referred     403  403  200
issues:draft_alike          draft        404  404  404
issues:issue_alike          referred     403  403  200
issues:issue_merge          submitted    404  404  200
issues:issue_unmerge        referred     403  403  302
issues:issue_same           referred     403  302  403
issues:issue_cosign         referred     403  302  403
issues:issue_uncosign       referred     403  200  403
issues:issue_split          submitted    404  404  200
issues:issue_branch         referred     403  403  200
issues:step_add             referred     403  403  200
issues:step_finish          step         403  404  200
issues:step_drop            step         403  404  200
issues:field_check          referred     403  403  200
issues:report_back          resolved     403  403  200
issues:agenda               session      200  404  200
issues:agenda_suggested     session      403  404  200
issues:agenda_grouped       session      403  404  200
issues:replies              session      200  404  404
issues:item_voices          item         403  404  200
issues:console              session      403  404  200
issues:console_state        session      403  404  200
issues:console_worker       session      403  404  200
issues:item_part            item         403  404  200
issues:screen               session      200  404  200
issues:screen_address       session      403  404  200
issues:session_papers       session      403  404  200
issues:session_brief        session      403  404  200
issues:session_matrix       session      403  404  200
issues:session_matrix_xlsx  session      403  404  200
issues:session_result       session      403  404  200
issues:agenda_pack_pdf      session      200  404  200
issues:agenda_pack_docx     session      200  404  200
issues:agenda_send          session      403  404  200
issues:session_letters      session      403  404  200
issues:session_release      session      403  404  200
issues:session_cancel       session      403  404  200
"""


@pytest.fixture
def readers(things, office):  # noqa: F811
    above = AuthorityFactory(kind=Authority.Kind.ADMINISTRATION)
    Authority.objects.filter(pk=office.pk).update(superior=above)
    cosigner = OrganizationFactory()
    for issue in Issue.objects.exclude(status__in=["draft", "submitted", "returned"]):
        CosignFactory(issue=issue, organization=cosigner)
    return {
        "superior": official_of(above),
        "cosigner": representative_of(cosigner),
        "everywhere": coordinator_of(None),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("reader", READERS)
def test_the_pages_of_an_issue_answer_as_the_table_says(client, things, readers, reader):  # noqa: F811
    client.raise_request_exception = False
    client.force_login(readers[reader])

    got = [(name, _status(client, reverse(name, args=things[thing]))) for name, thing, _ in lines()]

    column = READERS.index(reader)
    assert got == [(name, statuses[column]) for name, _thing, statuses in lines()]


def lines():
    """Each line as (name, thing, statuses)."""
    for line in filter(None, TABLE.splitlines()):
        name, thing, *statuses = line.split()
        yield name, thing, [int(status) for status in statuses]


def test_every_page_of_an_issue_stands_in_both_tables():
    wanted = {
        (name, thing)
        for name, thing, statuses in rows()
        if name.startswith("issues:")
        and thing != "–"
        and set(statuses) not in ({302, 405}, {200})  # same for everybody who signed in
    }
    assert {(name, thing) for name, thing, _statuses in lines()} == wanted
