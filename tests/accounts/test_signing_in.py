import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import Role
from tests.factories import (
    PASSWORD,
    OrganizationFactory,
    RoleAssignmentFactory,
    UserFactory,
    representative_of,
)

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
MISMATCH = "The name or the password is not right."
TOO_MANY = "Too many attempts. Please wait five minutes"


@pytest.fixture
def browser_in_english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def sokha():
    return representative_of(
        OrganizationFactory(),
        username="sokha.lumphat",
        email="sokha@vedika.example",
        phone="+85512345678",
    )


def sign_in(client, name, password=PASSWORD):
    return client.post(LOGIN, {"login": name, "password": password})


@pytest.mark.parametrize(
    "name",
    [
        "sokha.lumphat",
        "Sokha.Lumphat",
        " sokha.lumphat ",
        "sokha@vedika.example",
        "Sokha@Vedika.example",
        "012 345 678",
        "០១២៣៤៥៦៧៨",
        "+85512345678",
        "+855 12 345 678",
    ],
)
def test_signs_in_by_name_address_or_telephone(browser_in_english, sokha, name):
    response = sign_in(browser_in_english, name)

    assert (response.status_code, response.url) == (302, "/")
    assert browser_in_english.session["_auth_user_id"] == str(sokha.pk)


@pytest.mark.parametrize("name", ["sokha.lumphat", "nobody", "012 345 678", "n@vedika.example"])
def test_wrong_password_gets_the_same_sentence_for_every_name(browser_in_english, sokha, name):
    response = sign_in(browser_in_english, name, "wrong")

    assert response.status_code == 200
    assert MISMATCH in response.content.decode()


def test_sixth_failed_attempt_is_refused_even_with_the_password(browser_in_english, sokha):
    for _attempt in range(5):
        assert MISMATCH in sign_in(browser_in_english, "០១២៣៤៥៦៧៨", "wrong").content.decode()

    response = sign_in(browser_in_english, "012 345 678")

    assert TOO_MANY in response.content.decode()
    assert "_auth_user_id" not in browser_in_english.session


def test_attempts_are_counted_for_each_name(browser_in_english, sokha):
    for _attempt in range(5):
        sign_in(browser_in_english, "nobody", "wrong")

    assert sign_in(browser_in_english, "sokha.lumphat").status_code == 302


def test_signing_in_is_no_failed_attempt(browser_in_english, sokha):
    for _attempt in range(6):
        assert sign_in(browser_in_english, "sokha.lumphat").status_code == 302
        browser_in_english.logout()


@pytest.mark.parametrize("language", ["km", "en"])
def test_signing_in_speaks_the_persons_language(client, sokha, language, settings):
    sokha.language = language
    sokha.save()

    response = sign_in(client, "sokha.lumphat")

    cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["samesite"]) == (language, "Lax")


def test_signing_in_without_a_choice_leaves_the_language(client, sokha, settings):
    assert settings.LANGUAGE_COOKIE_NAME not in sign_in(client, "sokha.lumphat").cookies


def test_inactive_account_does_not_sign_in(browser_in_english, sokha):
    sokha.is_active = False
    sokha.save()

    sign_in(browser_in_english, "sokha.lumphat")

    assert "_auth_user_id" not in browser_in_english.session


def test_nobody_signs_up(client):
    response = client.post("/accounts/signup/", {"username": "new", "password1": PASSWORD})

    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


def test_person_with_an_address_chooses_a_first_password(client):
    person = UserFactory(email="new@vedika.example")
    person.set_unusable_password()
    person.save()

    client.post(reverse("account_reset_password"), {"email": "new@vedika.example"})

    assert [sent.to for sent in mail.outbox] == [["new@vedika.example"]]
    assert "/accounts/password/reset/key/" in mail.outbox[0].body


def test_person_whose_role_ended_sees_nothing(client):
    organization = OrganizationFactory()
    person = RoleAssignmentFactory(
        role=Role.REPRESENTATIVE, organization=organization, ended_on="2099-01-01"
    ).user
    client.force_login(person)

    assert client.get("/organizations/").status_code == 404
    assert client.get(organization.get_absolute_url()).status_code == 404
    assert client.get("/people/").status_code == 404
