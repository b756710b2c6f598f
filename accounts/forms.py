"""Signing in, making people and organizations, and one's own account."""

import re

from allauth.account import forms as allauth_forms
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import permissions, phones
from accounts.models import Organization, Role, RoleAssignment, User
from provinces.models import Authority, Province

# Which field says where a role is held.
SCOPES = {
    Role.ADMINISTRATOR: None,
    Role.COORDINATOR: "province",
    Role.OFFICIAL: "authority",
    Role.REPRESENTATIVE: "organization",
}
MISSING = {
    "authority": _("Choose the authority of the official."),
    "organization": _("Choose the organization of the representative."),
}


def crispy(*rows) -> FormHelper:
    """A helper for a form whose ``<form>`` and buttons stand in the template."""
    helper = FormHelper()
    helper.form_tag = False
    helper.layout = Layout(*rows)
    return helper


class LoginForm(allauth_forms.LoginForm):
    """Name and password; a telephone number in Khmer digits or local form is understood."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["login"]
        field.label = _("User name, e-mail address or telephone")
        field.widget.attrs = {"autocomplete": "username", "autocapitalize": "none"}
        field.max_length = 254

    def clean_login(self):
        typed = super().clean_login()
        return phones.normal(typed) or typed.lower()


class PhoneMixin:
    """A telephone number kept in international form, used by one person."""

    def clean_phone(self):
        typed = self.cleaned_data["phone"]
        if not typed:
            return None
        number = phones.normal(typed)
        if not number:
            raise forms.ValidationError(
                _("Write the number as 012 345 678 or +855 12 345 678."), code="phone"
            )
        if User.objects.filter(phone=number).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another account has this number."), code="taken")
        return number


class PersonForm(PhoneMixin, forms.ModelForm):
    """A new person; which role they have is ``RoleForm``'s to ask."""

    class Meta:
        model = User
        fields = ["username", "title_km", "title_en", "email", "phone", "language"]
        labels = {"username": _("User name")}
        help_texts = {
            "username": _("Latin letters and digits, as sokha.lumphat; for signing in."),
            "email": _("Where there is none, a card with a first password can be printed."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "none"}
        self.helper = crispy(*self.Meta.fields)

    def clean_username(self):
        name = self.cleaned_data["username"].lower()
        if not re.fullmatch(r"[a-z][a-z0-9._-]{2,}", name):
            raise forms.ValidationError(
                _("Begin with a Latin letter; then letters, digits, dots and hyphens."),
                code="username",
            )
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_("Another account has this name."), code="taken")
        return name

    def clean_email(self):
        address = (self.cleaned_data["email"] or "").lower()
        if address and User.objects.filter(email__iexact=address).exists():
            raise forms.ValidationError(_("Another account has this address."), code="taken")
        return address or None

    def clean(self):
        data = super().clean()
        if not data.get("title_km") and not data.get("title_en"):
            self.add_error("title_km", _("Write the name or title in Khmer or in English."))
        return data


class RoleForm(forms.ModelForm):
    """A role and where it is held; offers only what ``by`` may give."""

    class Meta:
        model = RoleAssignment
        fields = ["role", "province", "authority", "organization"]
        labels = {
            "province": _("Province of a coordinator"),
            "authority": _("Authority of an official"),
            "organization": _("Organization of a representative"),
        }

    def __init__(self, *args, by: User, person: User | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        everything = by.is_role(Role.ADMINISTRATOR)
        roles = Role if everything else (Role.OFFICIAL, Role.REPRESENTATIVE)
        self.fields["role"].choices = [
            ("", _("Choose a role")),
            *((r.value, r.label) for r in roles),
        ]
        self.fields["province"].empty_label = _("All provinces")
        authorities = Authority.objects.current()
        if not everything and not by.serves_all:
            authorities = authorities.filter(province__in=by.served_ids)
        self.fields["authority"].queryset = authorities
        self.fields["organization"].queryset = Organization.objects.kept_by(by).current()
        if not everything:
            del self.fields["province"]
        self.helper = crispy(*self.fields)

    def clean(self):
        """Keep the one place the role needs, and refuse a role the person has already."""
        data = super().clean()
        scope = SCOPES.get(data.get("role"))
        for name in ("province", "authority", "organization"):
            if name != scope:
                data[name] = None
        if scope in MISSING and not data.get(scope) and scope not in self.errors:
            self.add_error(scope, MISSING[scope])
        elif self.person and not self.errors and self._is_held(data):
            raise forms.ValidationError(_("The person has this role already."), code="held")
        return data

    def _is_held(self, data):
        scope = SCOPES[data["role"]]
        where = {scope: data.get(scope)} if scope else {}
        return self.person.role_assignments.current().filter(role=data["role"], **where).exists()


class OrganizationForm(forms.ModelForm):
    """An organization and the provinces it works in; a coordinator chooses among the own ones."""

    class Meta:
        model = Organization
        fields = ["name_km", "name_en", "slug", "kind", "provinces"]
        widgets = {"provinces": forms.CheckboxSelectMultiple}
        help_texts = {"slug": _("Latin letters, digits and hyphens; for lists and files.")}

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.elsewhere = []
        if not by.is_role(Role.ADMINISTRATOR) and not by.serves_all:
            self.fields["provinces"].queryset = Province.objects.filter(pk__in=by.served_ids)
            self.elsewhere = self._kept_elsewhere(by)
        self.helper = crispy(
            Div("name_km", "name_en", css_class="form-row"), "slug", "kind", "provinces"
        )

    def clean_provinces(self):
        """The chosen provinces and those of others, which stay."""
        return [*self.cleaned_data["provinces"], *self.elsewhere]

    def _kept_elsewhere(self, by):
        if self.instance.pk is None:
            return []
        return list(self.instance.provinces.exclude(pk__in=by.served_ids))


class AccountForm(PhoneMixin, forms.ModelForm):
    """What people change in their own account."""

    class Meta:
        model = User
        fields = ["title_km", "title_en", "phone", "language"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = crispy(*self.Meta.fields)


class DirectorsField(forms.ModelMultipleChoiceField):
    """Officials of one office, by their name or title."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, assignment):
        return str(assignment.user)


class ApprovalForm(forms.Form):
    """Who approves an office's answers, and whether they wait for that."""

    directors = DirectorsField(
        label=_("Who approves its answers?"),
        queryset=RoleAssignment.objects.none(),
        required=False,
        help_text=_("Officials of the office, as its director and the deputy."),
    )
    needs_approval = forms.BooleanField(
        label=_("Its answers leave only after one of them approved"), required=False
    )

    def __init__(self, *args, authority: Authority, by: User, **kwargs):
        held = RoleAssignment.objects.current().filter(role=Role.OFFICIAL, authority=authority)
        initial = {
            "directors": held.filter(approves=True),
            "needs_approval": authority.needs_approval,
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["directors"].queryset = held.select_related("user").order_by("user", "pk")
        if not permissions.names_directors(by, authority):
            del self.fields["directors"]
        if not permissions.sets_approval(by, authority):
            del self.fields["needs_approval"]
        self.helper = crispy(*self.fields)
