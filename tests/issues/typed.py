"""The form of an issue, as a browser sends it."""

import uuid

from django.http import QueryDict

from issues.forms.steps import FIELDS
from tests import factories as f


def typed(organization, /, **changes) -> QueryDict:
    """A complete form as a browser sends it."""
    data = {
        "organization": organization.pk,
        "kind": "challenge",
        "title": "ផ្លូវចូលភូមិខូច",
        "text": "ផ្លូវត្រូវបានកាត់ផ្ដាច់នៅរដូវវស្សា។",
        "asked": "សូមជួសជុលផ្លូវ។",
        "language": "km",
        "theme": f.ThemeFactory().pk,
        "province": "11",
        "district": "1101",
        "commune": "110101",
        "village": "11010101",
        "people": "១២០",
        "women": "64",
        "spoken": "bunong",
        "contact": "",
        "disclosure": "restricted",
        "office": "",
        "concerns": [],
        "client_key": str(uuid.uuid4()),
    } | changes
    return _sent(data)


def step(name, organization, /, **changes) -> QueryDict:
    """One step of it, with its key while it begins and with ``seen`` where that is given."""
    whole = typed(organization)
    names = [*FIELDS[name], "client_key"]
    data = {one: whole.getlist(one) for one in names if one in whole}
    return _sent(data | changes)


def _sent(data) -> QueryDict:
    sent = QueryDict(mutable=True)
    for name, value in data.items():
        sent.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
    return sent
