"""Each filter of a field: what it finds, and that it finds nothing by what is not shown."""

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from audit import clock
from issues.filters import INNER, OF_THE_SECRETARIAT, IssueFilter
from issues.models import Issue
from tests.factories import (
    AuthorityFactory,
    EvidenceFactory,
    LocalityFactory,
    OrganizationFactory,
    ProvinceFactory,
    ThemeFactory,
    administrator,
    coordinator_of,
    issue_in,
    official_of,
    representative_of,
)
from tests.factories_more import CosignFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
PLACE = {"province": "11", "district": "1102", "commune": "110203"}


def filtered(user, **query):
    asked = QueryDict(urlencode(query, doseq=True))
    rows = Issue.objects.visible_to(user)
    return IssueFilter(asked, queryset=rows, user=user, today=clock.today())


def found(user, **query):
    return {issue.title for issue in filtered(user, **query).qs}


@pytest.fixture
def coordinator():
    return coordinator_of(None)


@pytest.fixture
def two(settings, tmp_path):
    """``this``, of which every filter knows something, and ``that``, another of which none does."""
    settings.MEDIA_ROOT = tmp_path
    commune = LocalityFactory(code="110203")
    today = clock.today()
    before = issue_in("closed", title="before", province=ProvinceFactory(code="16"))
    this = issue_in(
        "referred",
        title="this",
        kind="request",
        commune=commune,
        theme=ThemeFactory(code="roads"),
        follows=before,
        root=before,
        link="split",
        language="en",
        people=70,
        claims=2,
        spoken="bunong",
        needs_interpreter=True,
        source="phone",
        disclosure="public",
        published_at=clock.now(),
        priority=2,
        deferrals=3,
    )
    this.referrals.update(due_on=today - DAY, wanted_on=today - DAY)
    now = clock.now()
    Issue.objects.filter(pk=this.pk).update(
        submitted_at=now - 400 * DAY, resolved_at=now - 100 * DAY
    )
    CosignFactory(issue=this)
    EvidenceFactory(issue=this)
    issue_in("accepted", title="that")
    Issue.objects.exclude(pk=this.pk).update(language="km", people=30, women=1)
    return this


def of_this(this):
    """Every filter with the value that finds ``this`` alone, and not ``that`` or ``before``."""
    today = clock.today()
    return {
        "state": {"state": "referred"},
        "theme": {"theme": "roads"},
        "district": {"province": "11", "district": "1102"},
        "commune": PLACE,
        "kind": {"kind": "request"},
        "authority": {"authority": this.referrals.get().authority_id},
        "organization": {"organization": this.organization_id},
        "due_from": {"due_from": today - DAY, "due_to": today},
        "due_to": {"due_to": today - DAY},
        "submitted_to": {"submitted_to": today - 399 * DAY},
        "priority": {"priority": 2},
        "disclosure": {"disclosure": "public"},
        "source": {"source": "phone"},
        "spoken": {"spoken": "bunong"},
        "deferred": {"deferred": "៣"},
        "published": {"published": "yes"},
        "overdue": {"overdue": "on"},
        "needs_interpreter": {"needs_interpreter": "on"},
        "link": {"link": "split"},
        "language": {"language": "en"},
        "people_from": {"people_from": "៧០"},
        "claims": {"claims": 2},
        "resolved_to": {"resolved_to": today - 99 * DAY},
        "cosigned": {"cosigned": "on"},
        "files": {"files": "on"},
    }


def test_each_filter_finds_what_it_says(coordinator, two):
    results = {name: found(coordinator, **query) for name, query in of_this(two).items()}

    assert results == {name: {"this"} for name in results}


def test_filters_that_this_scene_has_not_find_what_they_say(coordinator, two):
    issue_in("closed", title="declined", closed_as="declined")
    frozen = issue_in("accepted", title="frozen")
    Issue.objects.filter(pk=frozen.pk).update(pressured_at=clock.now())
    recent = clock.today() - 30 * DAY

    assert found(coordinator, closed_as="declined") == {"declined"}
    assert found(coordinator, frozen="on") == {"frozen"}
    assert found(coordinator, submitted_from=recent) == {"that", "declined", "frozen", "before"}
    assert found(coordinator, published="no") == {"that", "declined", "frozen", "before"}
    assert found(coordinator, province="11") == {"this", "that", "declined", "frozen"}


def test_people_and_days_of_resolving_and_closing_are_found_from_and_to(coordinator, two):
    now = clock.now()
    gone = issue_in("closed", title="gone")
    Issue.objects.filter(pk=gone.pk).update(closed_at=now - 40 * DAY, resolved_at=now - 50 * DAY)
    Issue.objects.filter(title="before").update(closed_at=now, resolved_at=now)
    today = clock.today()

    assert found(coordinator, people_from=30, people_to=69) == {"that", "before"}
    assert found(coordinator, people_from=2**31) == {"this", "that", "before", "gone"}
    assert found(coordinator, resolved_from=today) == {"before"}
    assert found(coordinator, resolved_from=today - 100 * DAY, resolved_to=today - DAY) == {
        "this",
        "gone",
    }
    assert found(coordinator, closed_from=today - 40 * DAY) == {"before", "gone"}
    assert found(coordinator, closed_from=today - 40 * DAY, closed_to=today - DAY) == {"gone"}
    assert found(coordinator, closed_to="9999-12-31") == {"before", "gone"}
    assert found(coordinator, closed_from="0001-01-01") == {"before", "gone"}


@pytest.mark.parametrize("link", Issue.Link.values)
def test_each_kind_of_link_is_found_by_itself(coordinator, link):
    first = issue_in("accepted", title="first")
    for one in Issue.Link.values:
        issue_in("accepted", title=one, follows=first, root=first, link=one)

    assert found(coordinator, link=link) == {link}


def test_merged_finds_what_goes_on_in_another_or_that_in_which_others_go_on(coordinator):
    target = issue_in("accepted", title="target")
    issue_in("closed", title="source", closed_as="merged", merged_into=target)
    issue_in("closed", title="alone", closed_as="declined")

    assert found(coordinator, merged="into") == {"source"}
    assert found(coordinator, merged="joined") == {"target"}


def test_merged_does_not_tell_an_organization_that_another_was_joined_to_its_issue():
    target = issue_in("accepted", title="target")
    source = issue_in("closed", title="source", closed_as="merged", merged_into=target)
    raiser, other = representative_of(target.organization), representative_of(source.organization)

    assert (found(raiser, merged="joined"), found(other, merged="into")) == (set(), {"source"})
    assert found(other, merged="joined") == set()


def test_every_filter_is_tried_here(coordinator, two):
    tried = set(of_this(two)) | {"q", "province", "sort", "closed_as", "frozen", "submitted_from"}
    tried |= {"people_to", "resolved_from", "closed_from", "closed_to", "merged"}

    assert set(filtered(coordinator).filters) == tried


def test_several_states_and_themes_at_once(coordinator):
    for status in ("submitted", "accepted", "referred"):
        issue_in(status, title=status)

    assert found(coordinator, state=["submitted", "referred"]) == {"submitted", "referred"}
    assert found(coordinator, state=["submitted", "lost"], kind="challenge") == {
        "submitted",
        "accepted",
        "referred",
    }


def test_due_between_is_met_by_one_referral_and_not_by_two_together(coordinator):
    today = clock.today()
    issue = issue_in("referred", title="a")
    issue.referrals.update(due_on=today + 50 * DAY, wanted_on=today + 50 * DAY)
    earlier = issue.referrals.get()
    earlier.pk, earlier.authority = None, AuthorityFactory()
    earlier.due_on = earlier.wanted_on = today + 2 * DAY
    earlier.role = "supporting"
    earlier.save()
    between = {"due_from": today + 10 * DAY, "due_to": today + 20 * DAY}

    assert found(coordinator, **between) == set()
    assert found(coordinator, due_from=today + 10 * DAY, due_to=today + 60 * DAY) == {"a"}


def test_districts_and_communes_are_offered_below_what_was_chosen(coordinator):
    LocalityFactory(code="110203")
    LocalityFactory(code="110101")
    LocalityFactory(code="160101")

    def codes(name, **query):
        field = filtered(coordinator, **query).form[name].field
        return [value for value, _label in field.choices if value]

    assert codes("district") == []
    assert sorted(codes("district", province="11")) == ["1101", "1102"]
    assert codes("commune", province="11", district="1102") == ["110203"]
    assert codes("commune", province="16", district="x") == []


# --- what a filter must not reveal --------------------------------------------------------------
def hidden_from_outside():
    """A published issue that names nobody, and a confidential one in the hands of an office."""
    office = AuthorityFactory(superior=AuthorityFactory())
    commune = LocalityFactory(code="110203")
    secret = {
        "spoken": "bunong",
        "needs_interpreter": True,
        "source": "phone",
        "priority": 2,
        "deferrals": 3,
        "commune": commune,
        "claims": 2,
        "link": "again",
    }
    before = issue_in("closed", title="before")
    shown = issue_in(
        "accepted", title="shown", disclosure="public", published_at=clock.now(),
        follows=before, root=before, **secret,
    )  # fmt: skip
    held = issue_in(
        "referred",
        title="held",
        disclosure="confidential",
        is_named=True,
        authority=office,
        follows=before,
        root=before,
        **secret,
    )
    for one in (shown, held):
        CosignFactory(issue=one)
        issue_in("closed", title="joined", closed_as="merged", merged_into=one)
    return shown, held, office


def is_offered(user, name, value):
    field = filtered(user).form.fields.get(name)
    return field is not None and str(value) in map(
        str, dict(getattr(field, "choices", [])) or [value]
    )


def test_no_filter_finds_from_outside_by_what_is_not_shown(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    shown, held, office = hidden_from_outside()
    EvidenceFactory(issue=shown)
    outside = {
        "superior": official_of(office.superior),
        "official": official_of(office),
        "other official": official_of(AuthorityFactory()),
        "representative": representative_of(OrganizationFactory()),
        "elsewhere": coordinator_of(ProvinceFactory(code="19")),
        "administrator": administrator(),
    }
    hidden = {
        "organization": [shown.organization_id, held.organization_id],
        "spoken": ["bunong"],
        "needs_interpreter": ["on"],
        "deferred": [1],
        "claims": [1],
        "link": ["again"],
        "merged": ["joined", "into"],
        "cosigned": ["on"],
        "disclosure": ["public", "confidential"],
        "priority": [2],
        "source": ["phone"],
        "frozen": ["on"],
    }
    assert set(hidden) == {*INNER, *OF_THE_SECRETARIAT}

    for who, user in outside.items():
        everything = found(user)
        for name, values in hidden.items():
            for value in values:
                # Not offered, it does nothing; offered for what is one's own, it finds nothing.
                wanted = set() if is_offered(user, name, value) else everything
                assert found(user, **{name: value}) == wanted, (who, name, value)


def test_a_confidential_issue_is_not_found_from_outside_by_district_or_commune():
    _shown, held, office = hidden_from_outside()
    inside = [held.author, coordinator_of(held.province), coordinator_of(None)]
    official = official_of(office)

    places = [{"province": "11", "district": "1102"}, PLACE]
    assert [found(official, **place) for place in places] == [{"shown"}] * 2
    assert [found(official, province="11")] == [{"shown", "held"}]
    for user in inside:
        assert all("held" in found(user, **place) for place in places)


def test_files_and_dates_are_found_only_by_who_may_open_or_know_them(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    shown, held, office = hidden_from_outside()
    Issue.objects.filter(pk=held.pk).update(disclosure="public", published_at=clock.now())
    EvidenceFactory(issue=shown)
    EvidenceFactory(issue=held)
    today = clock.today()
    held.referrals.update(due_on=today - DAY, wanted_on=today - DAY)
    queries = [
        {"files": "on"},
        {"overdue": "on"},
        {"due_from": today - DAY},
        {"due_to": today},
        {"authority": office.pk},
    ]

    def results(user):
        return [found(user, **query) for query in queries]

    everything = {"shown", "held"}
    assert results(official_of(office)) == [{"held"}] * 5
    for user in (
        official_of(AuthorityFactory()),
        representative_of(OrganizationFactory()),
        coordinator_of(ProvinceFactory(code="19")),
        administrator(),
    ):
        # An office that nobody reads a referral of is no choice at all.
        assert results(user) == [set()] * 4 + [everything]


def test_frozen_is_found_only_by_the_coordinators_of_its_province():
    issue = issue_in("accepted", title="frozen")
    Issue.objects.filter(pk=issue.pk).update(pressured_at=clock.now())
    people = {
        "served": coordinator_of(issue.province),
        "elsewhere": coordinator_of(ProvinceFactory(code="19")),
        "raiser": issue.author,
    }

    results = {name: found(user, frozen="on") for name, user in people.items()}

    assert results == {"served": {"frozen"}, "elsewhere": set(), "raiser": {"frozen"}}
    assert "frozen" not in filtered(issue.author).filters


def test_orders_of_hidden_numbers_are_offered_only_to_those_who_read_them():
    def orders(user):
        return {value for value, _label in filtered(user).form["sort"].field.choices if value}

    plain = {"oldest", "due"}
    assert orders(administrator()) == plain
    assert orders(official_of(AuthorityFactory())) == plain
    assert orders(representative_of(OrganizationFactory())) == plain | {"deferred"}
    assert orders(coordinator_of(ProvinceFactory())) == plain | {"deferred", "priority"}
