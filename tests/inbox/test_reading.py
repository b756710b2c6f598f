from base64 import b64encode
from email.message import EmailMessage

import pytest

from inbox import reading
from tests.factories_inbox import bounce, mail


def read(**facts):
    return reading.read(mail(**facts).as_bytes())


def test_read_tells_who_wrote_what_to_whom():
    made = mail(
        sender='"Director" <Head@Office.Example>',
        In_Reply_To="<a@x>",
        References="<b@x> <a@x>",
        Delivered_To="reply+n1-0@vedika.example",
    )
    made.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename="ច្បាប់.pdf")
    made.add_attachment(b"1", maintype="image", subtype="png", cid="<logo>", disposition="inline")

    got = reading.read(made.as_bytes())

    assert (got.name, got.sender) == ("Director", "head@office.example")
    assert got.recipients == ["reply@vedika.example", "reply+n1-0@vedika.example"]
    assert got.answers == ["<a@x>", "<a@x>", "<b@x>"]
    assert got.text == "We shall repair it.\n"
    assert [(one.name, one.content) for one in got.attachments] == [("ច្បាប់.pdf", b"%PDF-1")]
    assert (got.is_auto, got.bounce) == (False, None)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00 no mail at all",
        b"From: a@b, c@d\r\nSubject: =?utf-8?B?!!!?=\r\n\r\nx",
        b"From: <\r\nTo: @@\r\nDate: never\r\nContent-Type: ;;\r\n\r\n\x00\x01",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain;"
        b" charset=nonsense\r\n\r\n\xe1\x9e\x80\xff\r\n",
    ],
)
def test_read_takes_whatever_a_stranger_sends(raw):
    got = reading.read(raw)

    assert got.sender == ""
    assert "\x00" not in got.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<news.example.org>"},
        {"Return_Path": "<>"},
        {"subject": "Automatic reply: a road"},
        {"sender": "no-reply@example.org"},
    ],
)
def test_what_a_machine_wrote_is_known(headers):
    assert read(**headers).is_auto
    assert not read(Auto_Submitted="no").is_auto


def test_a_report_says_which_mail_came_back_and_whether_for_good():
    assert reading.read(bounce("<1@x>")).bounce == reading.Bounce(["<1@x>"], True)
    assert reading.read(bounce("<1@x>", action="delayed")).bounce == reading.Bounce(
        ["<1@x>"], False
    )


@pytest.mark.parametrize(
    ("said", "is_faked"),
    [
        ([], False),
        (["mx.vedika.example; dmarc=pass (p=none) header.from=x; spf=fail"], False),
        (["mx.vedika.example 1; spf=pass; dkim=pass; dmarc=fail"], True),
        (["MX.vedika.example; spf=fail smtp.mailfrom=x"], True),
        (["elsewhere.example; dmarc=fail"], False),  # anybody's word
        (["mx.vedika.example; dmarc=fail", "mx.vedika.example; dmarc=pass"], True),
        (["mx.vedika.example; spf=none; dkim=none"], False),
    ],
)
def test_only_a_server_of_ours_says_that_a_sender_is_faked(said, is_faked):
    made = EmailMessage()
    for one in said:
        made["Authentication-Results"] = one

    assert reading.is_faked(reading.read(made.as_bytes()), ["mx.vedika.example"]) is is_faked


@pytest.mark.parametrize(
    "said",
    [
        "=?utf-8?q?head=40office.example_=3Chead=40office.example=3E=2C?= <evil@example.org>",
        "=?utf-8?q?head=40office.example_=3Chead=40office.example=3E_=28?= <evil@example.org>)",
        '"head@office.example" <evil@example.org>',
        "head@office.example <evil@example.org>",
        "head@office.example, evil@example.org",
        "head@office.example\r\nFrom: evil@example.org",
    ],
)
def test_a_name_that_looks_like_an_address_is_no_sender(said):
    assert reading.read(f"From: {said}\r\n\r\nx".encode()).sender in ("", "evil@example.org")


def test_khmer_that_was_folded_in_the_middle_of_a_sign_is_whole():
    first, second = (
        b64encode(part).decode() for part in ("ខ្មែរ".encode()[:4], "ខ្មែរ".encode()[4:])
    )
    folded = f"=?utf-8?B?{first}?=\r\n =?utf-8?B?{second}?="

    got = reading.read(f"From: {folded} <a@b.example>\r\nSubject: Re: {folded}\r\n\r\nx".encode())

    assert (got.name, got.sender, got.subject) == ("ខ្មែរ", "a@b.example", "Re: ខ្មែរ")
