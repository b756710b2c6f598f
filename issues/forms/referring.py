"""What an office types about a referral, and the secretariat in its place."""

import datetime as dt

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues import files
from issues.forms.fields import (
    DOCUMENTS,
    PHOTOS,
    BareForm,
    FilesField,
    FilesInput,
    KeyField,
    LineField,
    LongField,
)
from issues.models import Call, Issue, Referral
from provinces.fields import DayField
from provinces.models import Authority, Province

FILES_LEFT = _("The files were not kept. Choose them again before you send.")


class KeptFilesField(FilesField):
    """Photos and documents at once; the value is a list of ``issues.files.Kept``."""

    widget = FilesInput(attrs={"accept": f"{PHOTOS},{DOCUMENTS}"})

    def clean(self, value: object) -> list[files.Kept]:
        """Every file made fit to keep; one sentence for each that is not, with its name."""
        kept, errors = [], []
        for upload in super().clean(value) or []:
            try:
                kept.append(files.keep(upload, upload.size, recordings=False))
            except ValidationError as error:
                errors += [f"{upload.name}: {sentence}" for sentence in error.messages]
        if errors:
            raise ValidationError(errors)
        return kept


class ResponseForm(BareForm):
    """An answer of the office, with its photos and documents."""

    client_key = KeyField()
    text = LongField(label=_("Your answer"), max_length=4000)
    files = KeptFilesField(
        label=_("Photos or documents"),
        required=False,
        help_text=_(
            "Photos (JPEG, PNG, WebP, HEIC), PDF or Word (.docx), 10 MB each. Place, time and"
            " author are removed."
        ),
    )

    def clean(self) -> None:
        """Say that chosen files are gone wherever the form has to be shown again."""
        if self.errors:
            self.remind_of_files()

    def remind_of_files(self) -> None:
        """Browsers forget chosen files when a form comes back; tell the person."""
        if "files" in self.fields and self.files.getlist(self.add_prefix("files")):
            self.add_error("files", FILES_LEFT)


class QuestionForm(BareForm):
    """A question of the office."""

    client_key = KeyField()
    text = LongField(label=_("Your question"), max_length=4000)


class AnswerForm(BareForm):
    """The reply to an office's question."""

    client_key = KeyField()
    text = LongField(label=_("Your answer"), max_length=4000)


class ResolveForm(ResponseForm):
    """What was done, and when, with what shows it."""

    done_on = DayField(label=_("When was it done?"))

    field_order = ["client_key", "text", "done_on", "files"]

    def __init__(self, *args: object, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["text"].label = _("What was done?")
        self.fields["files"].label = _("Photos or documents that show it")
        self.fields["done_on"].initial = today
        self.fields["done_on"].widget.attrs["max"] = today.isoformat()

    def clean_done_on(self) -> dt.date:
        """A day up to today."""
        done_on = self.cleaned_data["done_on"]
        if done_on > self.today:
            raise ValidationError(_("Choose today or an earlier day."), code="done_in_future")
        return done_on


class RecallForm(BareForm):
    """Why a referral is taken back."""

    reason = LongField(
        label=_("Why is it taken back?"),
        max_length=1000,
        rows=3,
        help_text=_("The office no longer sees anything of it; the organization can read this."),
    )


class HandOverForm(BareForm):
    """The day on which a letter was taken in."""

    on = DayField(label=_("On which day did the office take in the letter?"))

    def __init__(self, *args: object, referral: Referral, today: dt.date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.referral = today, referral
        self.fields["on"].initial = today
        self.fields["on"].widget.attrs["max"] = today.isoformat()

    def clean_on(self) -> dt.date:
        """A day from the referral's own up to today."""
        on = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError(_("Choose today or an earlier day."), code="in_future")
        if on < timezone.localdate(self.referral.referred_at):
            raise ValidationError(_("It was referred only after that day."), code="too_early")
        return on


class CallForm(BareForm):
    """What came of a call to the office."""

    client_key = KeyField()
    outcome = forms.ChoiceField(
        label=_("What came of the call?"), choices=Call.Outcome.choices, widget=forms.RadioSelect
    )
    spoke_to = LineField(
        label=_("Who answered? The title is enough"), max_length=120, required=False
    )
    again_on = DayField(
        label=_("Call again on"),
        required=False,
        help_text=_("If they asked to be called again; without a day it is tomorrow."),
    )
    note = LongField(
        label=_("Note"),
        max_length=500,
        rows=3,
        required=False,
        help_text=_("Only the secretariat reads it."),
    )


class ReferralFilter(django_filters.FilterSet):
    """Which referrals of a list are shown; offices and provinces are those of the list itself."""

    q = django_filters.CharFilter(label=_("Words or reference"), method="filter_words")
    office = django_filters.ModelChoiceFilter(
        field_name="authority",
        label=_("Office"),
        queryset=Authority.objects.none(),
        empty_label=_("All offices"),
    )
    province = django_filters.ModelChoiceFilter(
        field_name="issue__province",
        label=_("Province"),
        queryset=Province.objects.none(),
        empty_label=_("All provinces"),
    )
    date = django_filters.ChoiceFilter(
        label=_("Date"),
        choices=[("overdue", _("Date passed"))],
        empty_label=_("All dates"),
        method="filter_date",
    )

    class Meta:
        model = Referral
        fields: list[str] = []

    def __init__(
        self, *args: object, rows: QuerySet[Referral], user: User, today: dt.date, **kwargs: object
    ) -> None:
        super().__init__(*args, queryset=rows, **kwargs)
        self.user, self.today = user, today
        offices = rows.order_by().values("authority")
        provinces = rows.order_by().values("issue__province")
        self.filters["office"].queryset = Authority.objects.filter(pk__in=offices)
        self.filters["province"].queryset = Province.objects.filter(pk__in=provinces)

    def filter_words(self, rows: QuerySet[Referral], _name: str, text: str) -> QuerySet[Referral]:
        """Referrals of issues in which each part of the text stands, as far as the user reads."""
        return rows.filter(issue__in=Issue.objects.found_by(self.user, text).values("pk"))

    def filter_date(self, rows: QuerySet[Referral], _name: str, _value: str) -> QuerySet[Referral]:
        """Referrals that are open after their date."""
        return rows.filter(pk__in=Referral.objects.overdue(self.today).values("pk"))
