"""What people type to raise an issue, and to answer for one they raised."""

from dataclasses import asdict

from django import forms
from django.db.models import Q
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from audit import clock
from issues.forms.fields import (
    COUNTER,
    BareForm,
    BareHelper,
    FilesField,
    KeyField,
    LineField,
    LongField,
    SeenField,
)
from issues.merged import marked_for
from issues.models import Issue
from issues.models.issue import ASKED_LENGTH, TEXT_LENGTH, TITLE_LENGTH
from issues.sealing import Protected
from provinces.fields import DayField, NumberField
from provinces.forms import PlaceFields, place_initial
from provinces.models import Authority, Province, Theme

CONTACT_LENGTH = 300
ON_BEHALF = (Issue.Source.PAPER, Issue.Source.PHONE, Issue.Source.LETTER)
OF_THE_PROVINCE = (Authority.Kind.ADMINISTRATION, Authority.Kind.DEPARTMENT)
CONTENT = (
    "organization", "source", "came_on", "kind", "title", "text", "asked", "language", "theme",
    "province", "commune", "people", "women", "spoken", "needs_interpreter", "disclosure",
    "is_named",
)  # fmt: skip


def _explained(name: str, sentence: str) -> str:
    return format_html("<span><b>{}</b><br>{}</span>", name, sentence)


explained = lazy(_explained, str)
Disclosure = Issue.Disclosure
WHO_MAY_SEE = [
    (
        Disclosure.RESTRICTED,
        explained(
            _("Restricted"),
            _("The secretariat, the office it is referred to and the session may read it."),
        ),
    ),
    (
        Disclosure.CONFIDENTIAL,
        explained(
            _("Confidential"),
            _(
                "The office gets the matter alone: without your organization, and with the "
                "province as its only place."
            ),
        ),
    ),
    (
        Disclosure.PUBLIC,
        explained(
            _("Public"),
            _("The secretariat may also publish title, text and commune for everybody to read."),
        ),
    ),
]


def organizations_of(user: User):
    """Organizations the user may raise an issue for: their own, or any of their provinces."""
    standing = Organization.objects.filter(ended_on=None)
    if user.serves_all:
        return standing
    served = Organization.provinces.through.objects.filter(province__in=user.served_ids)
    return standing.filter(
        Q(pk__in=user.organization_ids) | Q(pk__in=served.values("organization"))
    )


def provinces_of(user: User):
    """Provinces the user may raise an issue in: those served and those of their organizations."""
    if user.serves_all:
        return Province.objects.all()
    own = Organization.provinces.through.objects.filter(organization__in=user.organization_ids)
    return Province.objects.filter(Q(pk__in=user.served_ids) | Q(pk__in=own.values("province")))


class IssueForm(PlaceFields, forms.Form):
    """An issue as it is raised or changed: what, where, who is affected, who may see it.

    ``issue`` is the one that is changed; its organization stays, and once it was submitted its
    province too. Without ``with_village`` village and contact are neither shown nor asked,
    without ``on_behalf`` not how it came.
    """

    organization = forms.ModelChoiceField(
        Organization.objects.none(), label=_("For which organization?"), empty_label=_("Choose")
    )
    source = forms.ChoiceField(
        label=_("How did it come to you?"), choices=[(one.value, one.label) for one in ON_BEHALF]
    )
    came_on = DayField(label=_("When did it come?"), required=False)
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            (
                Issue.Kind.CHALLENGE,
                explained(_("Challenge"), _("Something is wrong, and people suffer from it.")),
            ),
            (
                Issue.Kind.REQUEST,
                explained(_("Request"), _("Something is needed that an office can give.")),
            ),
        ],
        widget=forms.RadioSelect,
        initial=Issue.Kind.CHALLENGE,
    )
    title = LineField(
        label=_("Title"),
        max_length=TITLE_LENGTH,
        help_text=_("One sentence, as you would say it in the session. No names of persons."),
        widget=forms.TextInput(attrs=COUNTER),
    )
    text = LongField(
        label=_("What happened, and since when?"),
        max_length=TEXT_LENGTH,
        rows=6,
        help_text=_("Leave out names, telephone numbers and houses: the matter is enough."),
    )
    asked = LongField(
        label=_("What should be done, and by whom?"),
        max_length=ASKED_LENGTH,
        rows=5,
        required=False,
        help_text=_("What you ask for, in one or two sentences. Whoever reads the text reads it."),
    )
    language = forms.ChoiceField(
        label=_("Language of the text"), choices=[("km", _("Khmer")), ("en", _("English"))]
    )
    theme = forms.ModelChoiceField(Theme.objects.all(), label=_("Theme"), empty_label=_("Choose"))
    people = NumberField(label=_("People affected"), min_value=1, max_value=20_000_000)
    women = NumberField(label=_("of whom women"), min_value=0, max_value=20_000_000)
    spoken = forms.ChoiceField(
        label=_("Language they speak"),
        choices=Issue.Spoken.choices,
        initial=Issue.Spoken.KHMER,
        required=False,
    )
    needs_interpreter = forms.BooleanField(label=_("An interpreter is needed"), required=False)
    contact = LongField(
        label=_("Whom to contact in the community"),
        max_length=CONTACT_LENGTH,
        rows=2,
        required=False,
        help_text=_(
            "Only if the person agreed. It is kept under a key: apart from your organization "
            "only the province's coordinators can open it, and each opening is recorded."
        ),
    )
    disclosure = forms.ChoiceField(
        label=_("Who may see it?"),
        choices=WHO_MAY_SEE,
        widget=forms.RadioSelect,
        initial=Disclosure.RESTRICTED,
    )
    is_named = forms.BooleanField(
        label=_("Our organization may be named"),
        required=False,
        help_text=_("Otherwise others than the secretariat read “the raising organization”."),
    )
    office = forms.CharField(
        label=_("Find an office"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    concerns = forms.ModelMultipleChoiceField(
        Authority.objects.none(),
        label=_("Offices that must not see it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    client_key = KeyField()
    seen = SeenField()

    def __init__(
        self,
        *args,
        user: User,
        issue: Issue | None = None,
        with_village=True,
        on_behalf=False,
        **kwargs,
    ):
        self.issue = issue
        provinces = _provinces_for(user, issue)
        initial = self._first(provinces) | kwargs.pop("initial", {})
        super().__init__(*args, provinces=provinces, initial=initial, **kwargs)
        self.helper = BareHelper()
        self.fields["village"].help_text = _(
            "Only if you want to. It is kept under a key: no office and no visitor ever sees it."
        )
        if not with_village:
            del self.fields["village"], self.fields["contact"]
        if not on_behalf:
            del self.fields["source"], self.fields["came_on"]
        self._limit_organizations(user)
        self._limit_concerns()

    @staticmethod
    def _first(provinces):
        """What is chosen beforehand: the reader's language, and the province if it is the only."""
        few = list(provinces[:2])
        place = {"province": few[0].pk} if len(few) == 1 else {}
        return {"language": get_language()} | place

    def _limit_organizations(self, user):
        if self.issue is not None:
            del self.fields["organization"], self.fields["client_key"]
            return
        del self.fields["seen"]
        field = self.fields["organization"]
        field.queryset = organizations_of(user)
        few = list(field.queryset[:2])
        if len(few) == 1:
            field.widget, field.initial = forms.HiddenInput(), few[0].pk

    def _limit_concerns(self):
        """Offer the offices of the chosen place; show those that the search finds or are ticked."""
        field = self.fields["concerns"]
        places = [self._chosen("district"), self._chosen("commune")]
        offered = Q(province=self._chosen("province") or None, kind__in=OF_THE_PROVINCE)
        offered |= Q(locality__in=[place for place in places if place])
        if self.issue is not None:
            offered |= Q(pk__in=self.initial.get("concerns", ()))
        field.queryset = Authority.objects.current().filter(offered).distinct()
        word = str(self["office"].value() or "").strip().casefold()
        ticked = {str(getattr(one, "pk", one)) for one in self["concerns"].value() or ()}
        field.widget.choices = [
            (office.pk, office.name)
            for office in field.queryset
            if str(office.pk) in ticked or word in f"{office.name_km} {office.name_en}".casefold()
        ]

    def clean(self):
        data = super().clean() or self.cleaned_data
        if (data.get("women") or 0) > (data.get("people") or 0) and "people" in data:
            sentence = _("There cannot be more women than people.")
            self.add_error("women", forms.ValidationError(sentence, code="too_many"))
        organization, province = data.get("organization"), data.get("province")
        if self.issue is not None and not self.issue.reference:
            organization = self.issue.organization
        if organization and province and province not in organization.provinces.all():
            sentence = _("The organization does not work in this province.")
            self.add_error("province", forms.ValidationError(sentence, code="elsewhere"))
        return data

    @property
    def content(self) -> dict[str, object]:
        """The typed fields of Issue, as the actions take them."""
        typed = {name: self.cleaned_data[name] for name in CONTENT if name in self.cleaned_data}
        if typed.get("disclosure") == Disclosure.CONFIDENTIAL:
            typed["is_named"] = False
        if "spoken" in typed:
            typed["spoken"] = typed["spoken"] or Issue.Spoken.KHMER.value
        return typed

    @property
    def village(self) -> str | None:
        """The code of the village, "" where none was chosen, None where it was not asked."""
        if "village" not in self.fields:
            return None
        village = self.cleaned_data.get("village")
        return village.pk if village else ""

    @property
    def named_contact(self) -> str | None:
        """Whom to contact, "" where nobody was named, None where it was not asked."""
        return self.cleaned_data.get("contact") if "contact" in self.fields else None

    @property
    def offices(self) -> list[Authority] | None:
        """The offices that must not see it; None where that was not asked."""
        return list(self.cleaned_data["concerns"]) if "concerns" in self.fields else None

    def clean_came_on(self):
        """A day that has come."""
        day = self.cleaned_data["came_on"]
        if day and day > clock.today():
            raise forms.ValidationError(_("This day is still to come."), code="ahead")
        return day


def _provinces_for(user: User, issue: Issue | None):
    """Once submitted it stays in its province; a draft in one of its organization's."""
    if issue is None:
        return provinces_of(user)
    if issue.reference:
        return Province.objects.filter(pk=issue.province_id)
    theirs = issue.organization.provinces.values("pk")
    return provinces_of(user).filter(Q(pk__in=theirs) | Q(pk=issue.province_id))


def initial_of(issue: Issue, kept: Protected, *, user: User) -> dict[str, object]:
    """What the form shows the user of an issue that is to be changed."""
    plain = {name: getattr(issue, name) for name in CONTENT if name not in ("commune", "province")}
    place = {"province": issue.province_id} | place_initial(issue.commune)
    more = {"concerns": sorted(marked_for(user, issue)), "seen": issue.version}
    return plain | place | asdict(kept) | more


class FilesForm(BareForm):
    """Photos, documents and recordings, several at once."""

    files = FilesField(
        label=_("Photos, documents or recordings"),
        help_text=_(
            "Photos (JPEG, PNG, WebP, HEIC), PDF, Word (.docx) or sound, each up to 10 MB. Where"
            " and when it was made is removed. Show the matter, not faces. A recording (up to 30"
            " minutes) is heard by the secretariat alone; an office reads what is said."
        ),
    )


class ToldForm(BareForm):
    """How a coordinator came to know the organization's word; nothing for the organization."""

    how_told = LineField(
        label=_("How was it told?"),
        max_length=300,
        help_text=_("For example: by telephone on 3 March, by the letter of 5 March."),
    )

    def __init__(self, *args, on_behalf: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not on_behalf:
            del self.fields["how_told"]


class ReplyForm(ToldForm):
    """The answer to the secretariat's question."""

    text = LongField(label=_("Your answer"), max_length=1600)
    field_order = ["text", "how_told"]


class ReasonForm(ToldForm):
    """Why: of a withdrawal, or of a claim that is not or only partly true."""

    text = LongField(label=_("Why?"), max_length=1600)
    field_order = ["text", "how_told"]


class RemainderForm(ToldForm):
    """What of a partly solved issue remains."""

    text = LongField(label=_("What remains to be done?"), max_length=1600)
    field_order = ["text", "how_told"]
