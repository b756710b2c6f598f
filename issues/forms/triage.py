"""What the secretariat types about an issue: taken in, sent back, declined, referred, opened."""

import datetime as dt

from django import forms
from django.db.models import QuerySet
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import BareHelper, LongField
from issues.models import Issue, ProtectedPart, Referral
from issues.suggest import DISTRICT_LENGTH, suggested
from khmer import dates, numbers
from provinces import workdays
from provinces.fields import DayField
from provinces.models import Authority

WORDS_LENGTH = 2000
USUAL_DAYS = 20  # working days an office is given unless a coordinator names another date
Group = tuple[str, list[tuple[int, str]]]


def in_words(day: dt.date) -> str:
    """The day with its weekday, in the reader's language."""
    return formats.date_format(day, "l j F Y") if get_language() == "en" else dates.long_date(day)


def words_field(label: str, help_text: str = "", **options: object) -> forms.CharField:
    """Some sentences, as long as the tables keep them."""
    settings = {"max_length": WORDS_LENGTH, "rows": 4} | options
    return LongField(label=label, help_text=help_text, **settings)


class ActForm(forms.Form):
    """An act that asks for nothing, or the ground of one that does.

    ``remark`` is what its success adds to what was typed; empty where that was kept as it is.
    """

    helper = BareHelper()
    remark = ""

    @property
    def content(self) -> dict[str, object]:
        """What was typed, as the act's action takes it."""
        return self.cleaned_data


class ReturnForm(ActForm):
    """The question an issue is sent back with."""

    question = words_field(
        _("Your question"), _("The organization reads it as you write it and can then answer.")
    )


class DeclineForm(ActForm):
    """Why an issue is not taken further."""

    reason = words_field(
        _("Reason"), _("The organization is told this reason: say what it can do instead.")
    )


class ReopenForm(ActForm):
    """Why a closed issue is taken up again."""

    reason = words_field(_("Reason"), _("It stays in the history of the issue."))


class ReadProtectedForm(ActForm):
    """Why the protected part has to be read."""

    reason = forms.ChoiceField(
        label=_("Why do you need to read it?"),
        help_text=_("Your name, the time and this reason are recorded."),
        choices=ProtectedPart.Reading,
        widget=forms.RadioSelect,
    )


def offices_for(issue: Issue) -> QuerySet[Authority]:
    """Whom the issue may be referred to: no office it concerns, and none below one of these."""
    offices = Authority.objects.of_province(issue.province_id)
    concerned = list(issue.concerns.values_list("authority", flat=True))
    if not concerned:
        return offices
    return offices.exclude(pk__in=Authority.objects.below(concerned).values("pk"))


def grouped_offices(
    issue: Issue, offices: QuerySet[Authority], *, with_holding: bool = False
) -> list[Group]:
    """The offices in groups, likeliest first; those that hold the issue already only if asked."""
    return _Offer(issue, offices, issue.theme_id, issue.commune_id).groups(with_holding)


def suggested_offices(
    issue: Issue, offices: QuerySet[Authority], *, theme_id: str = "", commune_id: str = ""
) -> tuple[list[Group], int | None]:
    """The same without those that hold the issue, the likeliest marked; and the key of that one.

    Theme and commune are the issue's unless others are given.
    """
    theme_id, commune_id = theme_id or issue.theme_id, commune_id or issue.commune_id
    offer = _Offer(issue, offices, theme_id, commune_id)
    first = offer.likely[0].pk if offer.likely else None
    marked = [
        (label, [(pk, _marked(name) if pk == first else name) for pk, name in choices])
        for label, choices in offer.groups()
    ]
    return marked, first


def _marked(name: str) -> str:
    return str(_("%(office)s (suggested)") % {"office": name})


class _Offer:
    """Offices to choose from for an issue, and what is known of them; three queries."""

    def __init__(
        self, issue: Issue, offices: QuerySet[Authority], theme_id: str, commune_id: str
    ) -> None:
        held = Referral.objects.open().filter(issue=issue)
        of_theme = Authority.themes.through.objects.filter(theme=theme_id)
        self.holding = set(held.values_list("authority", flat=True))
        self.of_theme = set(of_theme.values_list("authority", flat=True))
        self.of_place = {commune_id, commune_id[:DISTRICT_LENGTH]}
        free = [one for one in offices if one.pk not in self.holding]
        self.likely = suggested(free, of_theme=self.of_theme, commune_id=commune_id)
        rest = [one for one in offices if one not in self.likely]
        self.offices = [*self.likely, *rest]

    def groups(self, with_holding: bool = False) -> list[Group]:
        names = {
            "holding": _("They hold the issue now"),
            "themed": _("They answer for this theme"),
            "near": _("Of the place"),
            "other": _("Other offices of the province"),
            "ministry": _("Ministries"),
        }
        found: dict[str, list[tuple[int, str]]] = {name: [] for name in names}
        for one in self.offices:
            found[self._group_of(one)].append((one.pk, one.name))
        if not with_holding:
            found["holding"] = []
        return [(str(names[name]), choices) for name, choices in found.items() if choices]

    def _group_of(self, office: Authority) -> str:
        if office.pk in self.holding:
            return "holding"
        if office.kind == Authority.Kind.MINISTRY:
            return "ministry"
        if office.pk in self.of_theme:
            return "themed"
        return "near" if office.locality_id in self.of_place else "other"


class TightenForm(ActForm):
    """Who may see an issue from now on: one of the stricter disclosures."""

    disclosure = forms.ChoiceField(label=_("Who may see it?"), widget=forms.RadioSelect)

    def __init__(self, *args: object, issue: Issue, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["disclosure"].choices = [(one, one.label) for one in issue.stricter]


class ConcernForm(ActForm):
    """An office that must see nothing of an issue any more."""

    authority = forms.ModelChoiceField(
        Authority.objects.none(),
        label=_("Office"),
        help_text=_("The office, those below it and their officials learn nothing of the issue."),
    )

    def __init__(self, *args: object, issue: Issue, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["authority"]
        field.queryset = offices_for(issue)
        groups = grouped_offices(issue, field.queryset, with_holding=True)
        field.choices = [("", _("Choose an office")), *groups]


class OfficeForm(ActForm):
    """To whom an issue is referred, and by when they are to solve it."""

    authority = forms.ModelChoiceField(Authority.objects.none(), label=_("Office"))
    due_on = DayField(label=_("Due date"))

    def __init__(self, *args: object, issue: Issue, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.issue, self.today = issue, today
        self.calendar = workdays.calendar_of(issue.province_id)
        self._offer_offices(issue)
        self._suggest_date(self.calendar.add(today, USUAL_DAYS))

    def _offer_offices(self, issue: Issue) -> None:
        field = self.fields["authority"]
        field.queryset = offices_for(issue)
        groups, field.initial = suggested_offices(issue, field.queryset)
        field.choices = [("", _("Choose an office")), *groups]

    def _suggest_date(self, usual: dt.date) -> None:
        field = self.fields["due_on"]
        field.initial = usual
        field.widget.attrs["min"] = (self.today + dt.timedelta(days=1)).isoformat()
        field.help_text = _(
            "%(day)s is %(count)s working days from now. The days are counted from when the"
            " office was told."
        ) % {"day": in_words(usual), "count": numbers.in_language(USUAL_DAYS, get_language())}

    def clean_due_on(self) -> dt.date:
        """A day after today; the referral's is the next working day where offices are closed."""
        due_on = self.cleaned_data["due_on"]
        if due_on <= self.today:
            raise forms.ValidationError(_("Choose a due date after today."), code="due_in_past")
        open_on = self.calendar.open_from(due_on)
        if open_on != due_on:
            self.remark = _("Offices are closed on the day you chose: it is due on %(day)s.") % {
                "day": in_words(open_on)
            }
        return due_on

    def clean_authority(self) -> Authority:
        """An office that does not hold the issue yet."""
        office = self.cleaned_data["authority"]
        if Referral.objects.open().filter(issue=self.issue, authority=office).exists():
            raise forms.ValidationError(_("This office already holds the issue."), code="holds")
        return office


class ReferForm(OfficeForm):
    """A referral outside a session."""

    role = forms.ChoiceField(
        label=_("Its part"),
        choices=Referral.Role,
        initial=Referral.Role.LEAD,
        widget=forms.RadioSelect,
        help_text=_("A leading office has to solve the issue; a supporting one helps it."),
    )
    note = words_field(
        _("What is asked of the office"),
        _("The office reads it. Name no person and no organization here."),
        required=False,
    )
    field_order = ["authority", "role", "due_on", "note"]

    def __init__(self, *args: object, issue: Issue, **kwargs: object) -> None:
        super().__init__(*args, issue=issue, **kwargs)
        if issue.status != Issue.Status.REFERRED:
            del self.fields["role"]  # the first office leads
