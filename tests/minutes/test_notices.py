"""The notices of minutes: wanted while they are true, for who is still invited."""

import pytest

from audit.models import subject_of
from config import notice_minutes
from minutes import actions
from minutes.models import Minutes
from outbox import registry
from outbox.models import Notice
from tests.factories import OrganizationFactory, representative_of
from tests.minutes.story import NOW, Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def story():
    return Story()


def wanted(story, kind, version=1, reader=None):
    reader = reader or story.representative
    notice = Notice(
        kind=kind,
        subject=subject_of(Minutes.objects.get()),
        recipient=f"user:{reader.pk}",
        version=version,
    )
    return notice_minutes.KINDS[kind][1](notice, NOW)


def all_wanted(story):
    return [wanted(story, kind) for kind in notice_minutes.KINDS]


def test_each_notice_is_wanted_while_it_is_true(story):
    story.send()
    assert all_wanted(story) == [True, False, False]
    story.send()
    assert [wanted(story, actions.FOR_COMMENT, number) for number in (1, 2)] == [False, True]
    story.approve()
    story.publish()
    story.amend()
    assert all_wanted(story) == [False, True, True]
    act = {"by": story.coordinator, "now": NOW}
    actions.withdraw_publication(story.session, because="A slip.", **act)
    assert all_wanted(story) == [False, False, True]
    story.publish()
    assert [wanted(story, actions.PUBLISHED, number) for number in (1, 2)] == [False, True]


def test_nobody_is_told_who_is_not_invited_any_more(story):
    story.settled(published=True)
    stranger = representative_of(OrganizationFactory())

    assert not wanted(story, actions.PUBLISHED, reader=stranger)
    type(story.invitation).objects.filter(pk=story.invitation.pk).update(withdrawn_at=NOW)
    assert not wanted(story, actions.PUBLISHED)
    assert wanted(story, actions.PUBLISHED, reader=story.official)


def test_the_words_say_where_and_until_when(story, settings):
    story.send()
    minutes = Minutes.objects.get()
    notice = Notice(
        kind=actions.FOR_COMMENT, subject=subject_of(minutes), recipient="user:1", version=1
    )

    text = registry.render(notice, "en")

    assert text.subject == (
        f"Draft minutes of the session in {story.province.name_en}: your comments are welcome"
    )
    assert "until Monday 20 April 2026" in text.body
    assert f"{settings.BASE_URL}{minutes.get_absolute_url()}" in text.body
    assert registry.titles([notice.subject])[notice.subject].url == minutes.get_absolute_url()
