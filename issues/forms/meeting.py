"""What a coordinator types for a session: its agenda, its outcomes, its end."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from issues.forms.fields import KeyField, LineField
from issues.forms.triage import ActForm, OfficeForm, words_field
from issues.models import Issue
from provinces.fields import NumberField

MINUTES = 10


class MinutesForm(ActForm):
    """How long something may take."""

    minutes = NumberField(label=_("Minutes"), min_value=1, max_value=480, initial=MINUTES)


class AllotForm(MinutesForm):
    """How long an item on the agenda may take; ``item`` is its key."""

    def __init__(self, *args: object, item: int, **kwargs: object) -> None:
        super().__init__(*args, auto_id=f"allot_{item}_%s", **kwargs)
        self.item = item


class ScheduleForm(MinutesForm):
    """Issues to put on the agenda, each with these minutes."""

    issues = forms.ModelMultipleChoiceField(
        Issue.objects.none(),
        error_messages={"required": _("Tick at least one issue.")},
    )

    def __init__(self, *args: object, among: QuerySet[Issue], **kwargs: object) -> None:
        super().__init__(*args, auto_id="schedule_%s", **kwargs)
        self.fields["issues"].queryset = among

    @property
    def ticked(self) -> set[str]:
        """Keys of the issues that were ticked, to tick them again."""
        return set(self.data.getlist("issues")) if self.is_bound else set()


class PointForm(MinutesForm):
    """A titled point without an issue."""

    client_key = KeyField()
    title = LineField(label=_("Title"), max_length=200)
    field_order = ["client_key", "title", "minutes"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, auto_id="point_%s", **kwargs)


class OrderField(forms.CharField):
    """Item ids in order, with commas between them; an empty agenda is an empty text."""

    widget = forms.HiddenInput

    def to_python(self, value: object) -> list[int]:
        """The ids; whatever is no id is left out, so that the orders differ."""
        parts = super().to_python(value).split(",")
        return [int(part) for part in parts if part.strip().isdecimal()]


class ArrangeForm(forms.Form):
    """A new order, or one item moved by one place, against the order that was seen.

    ``cleaned_data`` holds ``seen`` and ``order``, the whole new order.
    """

    seen = OrderField(required=False)
    order = OrderField(required=False)
    up = forms.IntegerField(required=False)
    down = forms.IntegerField(required=False)

    @property
    def moved(self) -> int | None:
        """The item that was moved by one place."""
        return self.cleaned_data.get("up") or self.cleaned_data.get("down")

    def clean(self) -> dict[str, object]:
        """The order after the move."""
        order = self.cleaned_data.get("order") or self.cleaned_data.get("seen", [])
        step = -1 if self.cleaned_data.get("up") else 1
        self.cleaned_data["order"] = _moved(order, self.moved, step)
        return self.cleaned_data


def _moved(order: list[int], pk: int | None, step: int) -> list[int]:
    """The order with one item a place further; the first stays first, the last last."""
    if pk not in order:
        return order
    place = order.index(pk)
    rest = [one for one in order if one != pk]
    return [*rest[: max(0, place + step)], pk, *rest[max(0, place + step) :]]


class OutcomeForm(forms.Form):
    """The ground of all forms of the console: ids that differ from form to form."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, auto_id=f"{type(self).__name__.lower()}_%s", **kwargs)


SAID_BY = _("Who said it (title, no name)")


class AddressForm(OutcomeForm, ActForm):
    """What was said when an issue was addressed in the session."""

    text = words_field(_("What was said"), max_length=4000)
    said_by = forms.CharField(label=SAID_BY, max_length=200, required=False)


class SessionReferForm(OutcomeForm, OfficeForm):
    """To whom the session referred an issue, and in which words."""

    text = words_field(
        _("What is asked of the office"),
        _("As it was said in the session. Name no person and no organization here."),
        required=False,
    )
    said_by = forms.CharField(label=SAID_BY, max_length=200, required=False)


class DeferForm(OutcomeForm, ActForm):
    """Why there was no time."""

    text = words_field(_("Why (optional)"), required=False)


class NoteForm(OutcomeForm, ActForm):
    """What was noted."""

    text = words_field(_("What was noted (optional)"), required=False)


class CancelForm(ActForm):
    """Why a session does not take place."""

    because = words_field(
        _("Why does it not take place?"),
        _(
            "Everybody invited is told this sentence once the cancellation is published, and it"
            " stands on the session's page."
        ),
        max_length=500,
    )


class ReleaseForm(ActForm):
    """What happens to issues without an outcome when the draft minutes are agreed."""

    defer_rest = forms.BooleanField(
        label=_("Defer what is left to the next session"), required=False
    )
