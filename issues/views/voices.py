"""Who presents an issue in a session, and which offices are expected to answer."""

from functools import partial

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Organization
from issues import actions, permissions
from issues.actions.agenda import voices_of
from issues.forms.agenda import VoicesForm
from issues.forms.triage import grouped_offices, offices_for
from issues.models import AgendaItem, Cosign, Issue
from issues.views import agenda_page
from issues.views.sitting import item_of, tried
from issues.voices import Voices


@require_http_methods(["GET", "POST"])
def item_voices(request: HttpRequest, pk: int) -> HttpResponse:
    item = item_of(request, pk)
    issue = _issue_of(request, item)
    voices = Voices(issue.province_id, [issue])
    likely = {one.pk for one in voices.of(issue)}
    form = _form(request, item, issue, likely)
    agenda = f"{reverse('issues:agenda', args=[item.session_id])}#item-{item.pk}"
    if request.method == "POST" and form.is_valid():
        save = partial(actions.set_voices, item, by=request.user, **form.cleaned_data)
        if tried(save, form):
            return redirect(agenda)
        form = _after(item, form)
    context = {
        "title": _("Who presents it, who answers"),
        "explanation": _("The agenda names them to everybody invited."),
        "form": form,
        "issue": issue,
        "submit_label": _("Save"),
        "cancel_url": agenda,
        "session": item.session,
    }
    return render(request, "issues/agenda_voices.html", context)


def _issue_of(request: HttpRequest, item: AgendaItem) -> Issue:
    """The issue of the item, where it has one of which its coordinator may learn."""
    rows = Issue.objects.filter(pk=item.issue_id)
    if item.issue_id is None or agenda_page.hidden_from(request.user, rows):
        raise Http404
    return rows.select_related("organization", "province", "commune__parent").get()


def _form(request: HttpRequest, item: AgendaItem, issue: Issue, likely: set[int]) -> VoicesForm:
    """What stands; where nothing does, the likely offices are ticked."""
    offices = offices_for(issue)
    groups = [
        (label, [(pk, _marked(name) if pk in likely else name) for pk, name in choices])
        for label, choices in grouped_offices(issue, offices, with_holding=True)
    ]
    expected = set(item.expected.values_list("pk", flat=True))
    return VoicesForm(
        request.POST if request.method == "POST" else None,
        organizations=_presenters(item, issue),
        offices=offices,
        groups=groups,
        initial={
            "presenter": item.presenter_id,
            "expected": expected or likely,
            "seen": _seen(item),
        },
    )


def _after(item: AgendaItem, form: VoicesForm) -> VoicesForm:
    """The refused form with what was chosen; it goes on from what stands now."""
    item.refresh_from_db()
    form.data = form.data.copy()
    form.data["seen"] = _seen(item)
    return form


def _seen(item: AgendaItem) -> str:
    return ",".join(map(str, voices_of(item)))


def _marked(name: str) -> str:
    return _("%(office)s (suggested)") % {"office": name}


def _presenters(item: AgendaItem, issue: Issue) -> QuerySet[Organization]:
    """Organizations of the province, the co-signers and who raised it where it may be named."""
    cosigners = Cosign.objects.agreed().filter(issue=issue).values("organization")
    near = Q(provinces=issue.province_id) | Q(pk__in=cosigners) | Q(pk=issue.organization_id)
    rows = Organization.objects.filter(near).distinct()
    if not permissions.names_its_organization(issue):
        rows = rows.exclude(pk=issue.organization_id)
    return rows.filter(Q(ended_on=None) | Q(pk=item.presenter_id))
