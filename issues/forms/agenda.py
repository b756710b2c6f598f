"""What a coordinator types to build an agenda, and an office before it speaks."""

from collections.abc import Iterable

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from issues.forms.fields import KeyField, LineField, SeenField
from issues.forms.triage import ActForm, Group, words_field
from issues.models import Issue
from provinces.fields import NumberField
from provinces.models import Authority

MINUTES = 10
REPLY_LENGTH = 4000
Named = tuple[int, str]


class MinutesForm(ActForm):
    """How long something may take."""

    minutes = NumberField(label=_("Minutes"), min_value=1, max_value=480, initial=MINUTES)


class AllotForm(MinutesForm):
    """How long an item on the agenda may take; ``item`` is its key."""

    def __init__(self, *args: object, item: int, **kwargs: object) -> None:
        super().__init__(*args, auto_id=f"allot_{item}_%s", **kwargs)
        self.item = item


class ScheduleForm(MinutesForm):
    """Issues to put on the agenda, each with these minutes, and before which item.

    ``places`` are the headings to choose from; the page's script names any other item.
    """

    issues = forms.ModelMultipleChoiceField(
        Issue.objects.none(),
        error_messages={"required": _("Tick at least one issue.")},
    )
    before = forms.IntegerField(required=False, label=_("Where"), widget=forms.Select)

    def __init__(
        self,
        *args: object,
        among: QuerySet[Issue],
        places: Iterable[Named] = (),
        **kwargs: object,
    ) -> None:
        super().__init__(*args, auto_id="schedule_%s", **kwargs)
        self.fields["issues"].queryset = among
        self.fields["before"].widget.choices = [("", _("At the end")), *places]

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


class HeadingForm(ActForm):
    """The heading of a section."""

    client_key = KeyField()
    title = LineField(label=_("Heading"), max_length=200)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, auto_id="heading_%s", **kwargs)


class RetitleForm(ActForm):
    """Another title of a point or heading, against the one that was seen; ``item`` is its key."""

    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    title = LineField(label=_("Title"), max_length=200)

    def __init__(self, *args: object, item: int, **kwargs: object) -> None:
        super().__init__(*args, auto_id=f"retitle_{item}_%s", **kwargs)
        self.item = item


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


class VoicesForm(ActForm):
    """Which organization presents an issue and which offices are to answer for it.

    ``groups`` are the offices under their headings; ``seen`` is what stood when it was read.
    """

    seen = OrderField(required=False)
    presenter = forms.ModelChoiceField(
        Organization.objects.none(),
        required=False,
        label=_("Organization that presents it"),
        empty_label=_("None: the secretariat presents it"),
        help_text=_("Whoever presents an issue is taken for the one that raised it."),
    )
    expected = forms.ModelMultipleChoiceField(
        Authority.objects.none(),
        required=False,
        label=_("Offices expected to answer"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        *args: object,
        organizations: QuerySet[Organization],
        offices: QuerySet[Authority],
        groups: list[Group],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["presenter"].queryset = organizations
        self.fields["expected"].queryset = offices
        self.fields["expected"].widget.choices = groups


class ReplyForm(ActForm):
    """What an office will answer to an item; an empty text withdraws it."""

    seen = SeenField()
    text = words_field(_("What your office will answer"), max_length=REPLY_LENGTH, required=False)
    title = LineField(label=_("Who will say it (title, no name)"), max_length=200, required=False)

    def __init__(self, *args: object, item: int, authority: int, **kwargs: object) -> None:
        super().__init__(*args, auto_id=f"reply_{item}_{authority}_%s", **kwargs)

    def clean_seen(self) -> int:
        """The version, 0 where there was none."""
        return self.cleaned_data["seen"] or 0
