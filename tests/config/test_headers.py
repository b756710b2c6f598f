import pytest

from tests.factories import coordinator_of, issue_in

pytestmark = pytest.mark.django_db

KINDS = {
    "public page": "/",
    "sign-in": "/accounts/login/",
    "list": "/issues/",
    "form": "/issues/new/",
    "detail": "/referrals/{referral}/",
    "not found": "/nothing/",
    "forbidden": "/people/new/",
    "health": "/health/live",
    "facts": "/health/ready",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("signed_in", [False, True])
def test_every_kind_of_page_is_sent_with_its_protections(client, kind, signed_in):
    referral = issue_in("referred").referrals.get()
    if signed_in:
        client.force_login(coordinator_of(referral.issue.province))

    response = client.get(KINDS[kind].format(referral=referral.pk))

    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("kind", ["public page", "sign-in", "list", "form", "detail"])
def test_pages_hold_no_script_or_style_of_their_own(client, kind):
    referral = issue_in("referred").referrals.get()
    client.force_login(coordinator_of(referral.issue.province))

    shown = client.get(KINDS[kind].format(referral=referral.pk)).content.decode()

    assert "<style" not in shown
    assert " style=" not in shown
    assert " onclick=" not in shown
    assert "<script>" not in shown


def test_failure_of_ours_is_sent_with_its_protections(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("config.homes.visitor", lambda user, now: 1 / 0)

    response = client.get("/")

    assert response.status_code == 500
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
