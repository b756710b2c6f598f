"""The outbox shows what was written, but no link by which one acts for its recipient."""

import secrets
import uuid

import pytest

from forum import feeds, replies
from forum.models import CalendarFeed
from issues import claims, links
from outbox.masking import masked
from outbox.models import Message
from tests.factories import (
    NoticeFactory,
    ProvinceFactory,
    coordinator_of,
)


@pytest.mark.parametrize(
    "make",
    [
        lambda: replies.link(12, "user:7"),
        lambda: f"https://vedika.example/answer/{claims.token(3, 1, 7)}/",
        lambda: feeds.address(CalendarFeed(nonce=uuid.uuid4())),
        lambda: links.address(secrets.token_urlsafe(32)),
    ],
)
def test_masked_hides_every_sealed_part_of_an_address(make):
    address = make()
    sealed = address.rstrip("/").split("/")[-1].removesuffix(".ics")

    assert masked(f"Answer here: {address}\nThank you.") == (
        f"Answer here: {address.replace(sealed, '…')}\nThank you."
    )


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:8000/issues/VDK-11-0001/",
        "https://www.vedika.example:8443/sessions/7/?page=2",
        "From 08:00 to 11:30, see https://vedika.example/forums/1/programme/2/",
    ],
)
def test_masked_leaves_other_words_as_they_are(text):
    assert masked(text) == text


@pytest.mark.django_db
def test_notice_page_masks_the_link_and_the_mail_keeps_it(client):
    province = ProvinceFactory()
    client.force_login(coordinator_of(province))
    notice = NoticeFactory(province=province, state="sent")
    link = replies.link(12, "user:7")
    Message.objects.update(body=f"Please answer: {link}")

    page = client.get(notice.get_absolute_url()).text

    assert "/i/…/" in page
    assert link not in page
    assert replies.token_of(12, "user:7").split(":")[0] not in page
    assert Message.objects.get().body == f"Please answer: {link}"
