"""What is asked of a selection of issues before one act is done with all of them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from issues.actions import Bulk
from issues.forms.triage import ActForm, DeclineForm
from issues.models import Issue
from provinces.models import Theme


class AllThemeForm(ActForm):
    """The theme all of them get."""

    theme = forms.ModelChoiceField(Theme.objects.all(), label=_("Theme"), empty_label=_("Choose"))


class AllPriorityForm(ActForm):
    """The priority all of them get."""

    priority = forms.TypedChoiceField(
        label=_("Priority"), coerce=int, choices=Issue.Priority, widget=forms.RadioSelect
    )


class AllDisclosureForm(ActForm):
    """Who may see them from now on; those already as strict stay as they are."""

    disclosure = forms.ChoiceField(
        label=_("Who may see them?"),
        choices=[(one, one.label) for one in Issue.Disclosure if one != Issue.Disclosure.PUBLIC],
        widget=forms.RadioSelect,
    )


FORMS: dict[Bulk, type[ActForm]] = {
    Bulk.ACCEPT: ActForm,
    Bulk.DECLINE: DeclineForm,
    Bulk.THEME: AllThemeForm,
    Bulk.PRIORITY: AllPriorityForm,
    Bulk.DISCLOSURE: AllDisclosureForm,
}
