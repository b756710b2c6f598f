"""What is read at once for many notices is the same as what is read for each."""

import pytest

from config import notice_reading as reading
from tests.factories import AuthorityFactory, NoticeFactory, ReferralFactory, official_of

pytestmark = pytest.mark.django_db


def test_each_referral_is_asked_for_whichever_was_asked_first():
    office = AuthorityFactory()
    official = official_of(office)
    mine = [ReferralFactory(authority=office) for _each in range(3)]
    others = ReferralFactory()
    notices = [NoticeFactory(subject=f"referral:{mine[0].pk}", recipient=f"user:{official.pk}")]

    with reading.together(notices):
        found = [reading.may_read(official.pk, one) for one in [*mine, others, *mine]]

    assert found == [True, True, True, False, True, True, True]


def test_what_is_read_at_once_ends_with_its_block(django_assert_num_queries):
    referral = ReferralFactory()
    notice = NoticeFactory(subject=f"referral:{referral.pk}")

    with reading.together([notice]), django_assert_num_queries(1):
        assert reading.referral_of(notice) == referral
        assert reading.issue_of(notice) == referral.issue
    with django_assert_num_queries(1):
        assert reading.referral_of(notice) == referral


def test_people_outside_the_block_are_read_for_themselves():
    office = AuthorityFactory()
    inside, outside = official_of(office), official_of(office)
    referral = ReferralFactory(authority=office)
    notice = NoticeFactory(subject=f"referral:{referral.pk}", recipient=f"user:{inside.pk}")

    with reading.together([notice]):
        assert [one.authority_id for one in reading.roles_of(outside.pk)] == [office.pk]
        assert reading.may_read(outside.pk, referral)
