"""The short forms in which an issue is written down, one on a screen."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from issues.forms.fields import FilesField
from issues.forms.raising import FilesForm, IssueForm, provinces_of
from issues.models import Issue
from issues.permissions import raised, typed_by
from provinces.models import Province

FIELDS = {
    "what": ("organization", "source", "came_on", "kind", "title", "text", "theme", "language"),
    "where": ("province", "district", "commune", "village"),
    "who": ("people", "women", "spoken", "needs_interpreter", "contact"),
    "asked": ("asked",),
    "disclosure": ("disclosure", "is_named", "office", "concerns"),
}
HIDDEN = ("client_key", "seen")
# All else may be left for later: only what is sent has to be complete.
ASKED_AT_ONCE = ("organization", "source", "kind", "title", "language", "province", "disclosure")


class StepForm(IssueForm):
    """One step of an issue; without ``issue`` it begins a draft, in ``province`` for now."""

    def __init__(self, *args, step: str, user: User, issue: Issue | None = None, **kwargs):
        self.step, self.user = step, user
        theirs = issue is None or typed_by(user, issue)
        on_behalf = is_on_behalf(user, issue)
        super().__init__(
            *args, user=user, issue=issue, with_village=theirs, on_behalf=on_behalf, **kwargs
        )
        for name in self.fields.keys() - {*FIELDS[step], *HIDDEN}:
            del self.fields[name]
        for name, field in self.fields.items():
            field.required = field.required and name in (*ASKED_AT_ONCE, "client_key")
            field.widget.is_required = field.required

    def _chosen(self, step) -> str:
        """What stands in the draft, but in the step that asks for the place."""
        if step in FIELDS[self.step]:
            return super()._chosen(step)
        value = self.get_initial_for_field(self.fields[step], step)
        return getattr(value, "pk", value) or ""

    def clean(self):
        data = super().clean()
        organization = data.get("organization")
        self.province = first_province(self.user, organization) if organization else None
        if organization and self.province is None:
            sentence = _("The organization works in no province yet. Tell the secretariat.")
            self.add_error("organization", forms.ValidationError(sentence, code="nowhere"))
        if data.get("district") and not data.get("commune") and "commune" not in self.errors:
            sentence = _("Choose the commune as well.")
            self.add_error("commune", forms.ValidationError(sentence, code="required"))
        return data


def is_on_behalf(user: User, issue: Issue | None) -> bool:
    """The user writes for an organization that is not theirs."""
    return not user.organization_ids if issue is None else not raised(user, issue)


def first_province(user: User, organization) -> Province | None:
    """Where an issue lies until its place is chosen; the user may raise issues there."""
    theirs = organization.provinces.values("pk")
    return provinces_of(user).filter(pk__in=theirs).order_by("pk").first()


class StepFilesForm(FilesForm):
    """The files of a draft, if there are any, and for coordinators the scan it came with."""

    scan = FilesField(
        label=_("Scan of the paper or letter"),
        help_text=_("Only the secretariat and the organization see it."),
        required=False,
    )
    field_order = ["scan", "files"]

    def __init__(self, *args, with_scan: bool, is_asked: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["files"].required = is_asked
        if not with_scan:
            del self.fields["scan"]
