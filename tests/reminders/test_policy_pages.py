"""The pages of the reminder policy: changed, tried and refused, with and without a script."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import translation

from issues.models import Issue, Referral
from outbox.models import Hours
from provinces.models import Authority, Province
from reminders import actions, policy
from reminders.models import ProvincePolicy, Rung
from tests.factories import AuthorityFactory, administrator, issue_in, official_of

NORMAL = Issue.Priority.NORMAL
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english(client):
    actions.seed_policy()
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(administrator())
    with translation.override("en"):
        yield


@pytest.fixture
def referral():
    top = AuthorityFactory(kind=Authority.Kind.ADMINISTRATION, name_en="Provincial Hall")
    office = AuthorityFactory(superior=top, name_en="Department of Roads")
    official_of(office)
    held = issue_in("referred", authority=office, title="A secret title").referrals.get()
    Referral.objects.filter(pk=held.pk).update(
        handed_over_on=dt.date(2041, 5, 1), due_on=dt.date(2041, 6, 14)
    )
    held.refresh_from_db()
    return held


def address(name="ladder", *args):
    return reverse(f"reminders:{name}", args=args or [NORMAL.value])


def typed(client, **changes):
    """What a browser sends of the page as it stands, with some fields changed."""
    context = client.get(address()).context
    rungs, tried = context["rungs"], context["tried"]
    data = {"rungs-TOTAL_FORMS": len(rungs.forms), "rungs-INITIAL_FORMS": len(rungs.forms)}
    for form in rungs:
        data |= {form.add_prefix(name): form.initial.get(name) or "" for name in form.fields}
        del data[form.add_prefix("remove")]
    data |= {"seen": tried.initial["seen"], "reference": "", "due_on": "2041-06-14"}
    data["province"] = Province.objects.first().pk
    return data | changes


def test_a_rung_is_added_moved_and_removed_by_the_form(client, referral):
    more = client.post(address(), typed(client, add="1"))
    assert [form.errors for form in more.context["rungs"]] == [{}] * 7
    assert more.content.count(b'id="rung-latest"') == 1

    moved = {"rungs-0-days": "៥", "rungs-2-remove": "on", "rungs-TOTAL_FORMS": 8}
    new = {"rungs-6-days": "3", "rungs-6-side": "after", "rungs-6-audience": "with_copy"}
    new |= {"rungs-6-channel": "telegram", "rungs-7-side": "after"}
    new |= {"rungs-7-audience": "officials", "rungs-7-channel": "usual"}  # untouched
    data = typed(client, **moved, **new)

    assert client.post(address(), data).url == reverse("reminders:policy")

    rungs = Rung.objects.filter(priority=NORMAL)
    assert list(rungs.values_list("offset", "audience", "channel")) == [
        (-5, "officials", "usual"),
        (-1, "officials", "usual"),
        (1, "officials", "usual"),
        (3, "with_copy", "telegram"),
        (5, "with_copy", "usual"),
        (10, "superior", "usual"),
    ]
    page = client.get(reverse("reminders:policy")).content.decode()
    assert "5 working days before the due date" in page
    assert "Last changed by" in page
    later = client.post(address(), data)  # a second editor, with the page as it was
    assert later.status_code == 409
    assert "Meanwhile somebody changed this ladder" in later.content.decode()


def test_what_is_wrong_is_said_at_its_rung(client, referral):
    wrong = {"rungs-0-days": "1", "rungs-5-side": "before", "rungs-3-subject_en": "{title}"}

    page = client.post(address(), typed(client, **wrong))

    errors = {place: form.errors for place, form in enumerate(page.context["rungs"]) if form.errors}
    assert (page.status_code, errors) == (
        200,
        {
            1: {"days": ["Another rung stands on this day already."]},
            3: {
                "subject_km": ["Write it in both languages, or leave both empty."],
                "subject_en": [
                    "We do not know {title}. You may write {reference}, {authority}, {due}, {days}."
                ],
            },
            5: {
                "days": [
                    "A superior authority is told only after the due date.",
                    "A superior authority is told after the last reminder of the office itself.",
                ]
            },
        },
    )
    assert 'href="#id_rungs-1-days"' in page.content.decode()
    assert policy.version_of(NORMAL) == 0


@pytest.mark.parametrize("way", ["button", "htmx"])
def test_a_ladder_is_tried_on_an_open_referral_before_it_is_kept(client, referral, way):
    words = {"rungs-0-subject_en": "{reference}, {days} days", "rungs-0-subject_km": "{authority}"}
    data = typed(client, reference=referral.issue.reference, **words, **{"rungs-0-days": "4"})

    if way == "button":
        page = client.post(address(), data | {"preview": "1"})
    else:
        page = client.post(address("preview"), data, headers={"hx-request": "true"})

    preview = page.context["preview"]
    assert [(line.step.key, line.step.on.isoformat(), line.to[0]) for line in preview.lines] == [
        ("-7", "2041-06-10", "the officials of Department of Roads"),
        ("-1", "2041-06-13", "the officials of Department of Roads"),
        ("0", "2041-06-14", "the officials of Department of Roads"),
        ("+1", "2041-06-17", "the officials of Department of Roads"),
        ("+5", "2041-06-21", "the officials of Department of Roads"),
        ("+10", "2041-06-28", "Provincial Hall, as the superior"),
    ]
    khmer, english = preview.lines[0].words
    assert english.subject == "Vedika: 1 due"
    reference = f"{referral.issue.reference}"
    (item,) = [one for one in english.body.split("\n\n") if one.startswith("–")]
    assert item.splitlines()[:2] == [
        f"– {reference}: due on Friday 14 June 2041, in 4 working days", f"{reference}, 4 days",
    ]  # fmt: skip
    assert referral.authority.name_km in khmer.body.splitlines()
    assert "It stands in the one message of the day" in page.content.decode()
    assert "A secret title" not in page.content.decode()
    assert referral.issue.organization.name not in page.content.decode()
    assert Rung.objects.get(priority=NORMAL, key="-7").offset == -7
    hidden = Issue.objects.filter(pk=referral.issue_id)
    hidden.update(disclosure="confidential")
    assert "Department of Roads" not in client.post(address("preview"), data).content.decode()


def test_a_ladder_is_tried_on_any_date(client, referral):
    page = client.get(address()).context["preview"]
    assert [line.step.key for line in page.lines] == ["-7", "-1", "0", "+1", "+5", "+10"]
    unknown = client.post(address("preview"), typed(client, reference="11-2041-9999"))
    assert "No office has an issue with this reference in hand." in unknown.content.decode()


def test_provinces_and_hours_are_decided_on_pages(client, referral):
    code = referral.issue.province_id
    said = {"by_itself": "1", "seen": "0"}
    assert client.post(address("province", code), said).status_code == 302
    assert ProvincePolicy.objects.get().escalates_by_itself
    assert client.post(address("province", code), said).status_code == 409
    rows = client.get(reverse("reminders:provinces")).context["rows"]
    assert [rows[0]["province"].pk, rows[0]["by_itself"]] == [code, True]

    hours = {"opens": "09:00", "closes": "08:00", "most_a_day": "4"}
    hours["seen"] = policy.stamp(Hours.current())
    refused = client.post(reverse("reminders:hours"), hours)
    assert refused.context["form"].errors == {
        "closes": ["This must be later than the hour before."]
    }
    assert client.post(reverse("reminders:hours"), hours | {"closes": "16:30"}).status_code == 302
    assert str(Hours.current()) == "09:00–16:30, 4"
    again = client.post(reverse("reminders:hours"), hours | {"closes": "15:00"})
    assert again.status_code == 409
