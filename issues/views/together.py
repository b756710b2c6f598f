"""Pages on which issues become one, several, or those of several organizations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from audit import clock
from audit.errors import TransitionError
from forum.views.shared import key_in, typed
from issues import actions, company, history, permissions, workflow
from issues.board import Spot
from issues.forms import together as forms_together
from issues.forms.triage import ActForm
from issues.models import Issue, Referral
from issues.page import readable
from issues.permissions import Audience, Shown
from issues.repeats import Alike, Words, alike
from issues.views.refusals import refused
from issues.workflow import Act

both = require_http_methods(["GET", "POST"])
Disclosure = Issue.Disclosure


@dataclass(frozen=True)
class PageWords:
    """What the page of an act says."""

    title: Promise
    explanation: Promise
    submit_label: Promise
    done: Promise
    is_danger: bool = False


UNMERGE = PageWords(
    gettext_lazy("Undo the merging"),
    gettext_lazy(
        "Both issues are as before, as far as nobody changed them since. It is possible for 24"
        " hours after the merging. The organization is told. What was taken from the public stays"
        " so until you publish it again."
    ),
    gettext_lazy("Take them apart"),
    gettext_lazy("The two issues go on by themselves again."),
)
MERGE_DONE = gettext_lazy("The issue goes on in the other one; its organization is told.")
SAME = gettext_lazy("Your answer is kept, and the secretariat is told.")
COSIGNED = gettext_lazy("Your organization co-signs this issue. It is told what becomes of it.")
COSIGNED_DRAFT = gettext_lazy("You have co-signed. You can delete your draft now.")
UNCOSIGN = PageWords(
    gettext_lazy("No longer co-sign"),
    gettext_lazy("Your organization is no longer told of this issue."),
    gettext_lazy("No longer co-sign"),
    gettext_lazy("Your organization no longer co-signs this issue."),
)
SPLIT_DONE = gettext_lazy("The parts are issues of their own. Change this one where it is needed.")
BRANCH = PageWords(
    gettext_lazy("Its part in another province"),
    gettext_lazy(
        "It becomes an issue of that province with the same title and text, led by this one."
        " The organization is told. In a province you do not serve its own secretariat takes the"
        " part in."
    ),
    gettext_lazy("Begin the part"),
    gettext_lazy("This is the part of the issue in the other province."),
)
HANDED_OVER = gettext_lazy("The part waits for the secretariat of %(province)s, which is told.")


# --- finding and answering ----------------------------------------------------------------------
def _served(request: HttpRequest, reference: str) -> Issue:
    """The issue, if the user reads it (else 404) and is of its province's secretariat (403)."""
    issue = get_object_or_404(readable(request.user), reference=reference)
    if not permissions.serves(request.user, issue):
        raise PermissionDenied
    return issue


def _too_late(request: HttpRequest, issue: Issue, act: Act, parts: frozenset[str]) -> str:
    """The sentence for who opens the page of an act that is not possible any more."""
    try:
        workflow.check(act, issue, parts)
    except TransitionError as refusal:
        return str(refusal) if request.method == "GET" else ""
    return ""


def _back(
    request: HttpRequest, issue: Issue, sentence: str, url: str | None = None
) -> HttpResponse:
    messages.info(request, sentence)
    return redirect(url or issue)


def _done(form: forms.Form, act: Callable[[], Any]) -> tuple[Any, int]:
    """What a valid form made, and the status of the page that shows it again with a sentence."""
    if not form.is_bound or not form.is_valid():
        return None, 200
    try:
        return act(), 200
    except TransitionError as refusal:
        return None, refused(form, refusal)


def _act_page(
    request: HttpRequest, issue: Issue, form: forms.Form, words: PageWords, status: int
) -> HttpResponse:
    page = {"issue": issue, "form": form, "cancel_url": issue.get_absolute_url()}
    return render(request, "issues/act_form.html", vars(words) | page, status=status)


# --- merging ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Side:
    """One of the two issues, in short."""

    issue: Issue
    shown: Shown
    stands: str


@both
def issue_merge(request: HttpRequest, reference: str) -> HttpResponse:
    issue, spot = _served(request, reference), Spot.of(request.GET)
    cancel_url = spot.url(open=reference) if spot else issue.get_absolute_url()
    if sentence := _too_late(request, issue, Act.MERGE, permissions.parts_in(request.user, issue)):
        return _back(request, issue, sentence, cancel_url)
    wanted = forms_together.known(request.POST.get("into") or request.GET.get("into", ""))
    target = _target(request, wanted)
    page = {"issue": issue, "spot": spot, "cancel_url": cancel_url}
    if target is None:
        return _choose(request, page | {"wanted": wanted})
    form = _merge_form(request, issue, target)
    made, status = _done(form, lambda: _merge(request, issue, target, form.cleaned_data))
    if made:
        onward = spot.url(after=reference) if spot else cancel_url
        return _back(request, issue, str(MERGE_DONE), onward)
    page |= {"target": target, "form": form, "sides": _sides(issue, target)}
    page["consequences"] = _consequences(issue, target)
    return render(request, "issues/merge.html", page, status=status)


def _merge_form(request: HttpRequest, issue: Issue, target: Issue) -> forms_together.MergeForm:
    return forms_together.MergeForm(
        typed(request),
        has_referrals=Referral.objects.open().filter(issue=issue).exists(),
        initial={"into": target.reference},
    )


def _sides(*issues: Issue) -> list[Side]:
    return [Side(one, _inside(one), history.stands(one)) for one in issues]


def _merge(request: HttpRequest, issue: Issue, target: Issue, chosen: dict[str, Any]) -> object:
    plain = {name: value for name, value in chosen.items() if name != "into"}
    return actions.merge(issue, by=request.user, now=clock.now(), target=target, **plain)


def _inside(issue: Issue) -> Shown:
    return permissions.disclosed(issue, Audience.SECRETARIAT)


def _target(request: HttpRequest, reference: str) -> Issue | None:
    """The issue of this reference, where the user is of its secretariat."""
    found = readable(request.user).filter(reference=reference).first() if reference else None
    return found if found and permissions.serves(request.user, found) else None


def _choose(request: HttpRequest, page: dict[str, Any]) -> HttpResponse:
    """The page on which the other issue is chosen, from those alike or by its reference."""
    issue = page["issue"]
    words = Words.of(issue)
    near = alike(words, request.user, leave_out=issue.pk) if words else []
    page |= {"near": _open_of(request, near)}
    return render(request, "issues/merge_choose.html", page)


def _open_of(request: HttpRequest, near: Sequence[Alike]) -> list[Alike]:
    sources = workflow.TRANSITIONS[Act.MERGE].sources
    return [
        one
        for one in near
        if one.issue.status in sources and permissions.serves(request.user, one.issue)
    ]


def _consequences(issue: Issue, target: Issue) -> list[str]:
    """What the merging does, in sentences."""
    names = {"source": issue.reference, "target": target.reference}
    told = [_("%(source)s is closed and goes on in %(target)s. Nothing of it is lost.") % names]
    if issue.disclosure in target.stricter:
        names["disclosure"] = issue.get_disclosure_display()
        told.append(_("The stricter disclosure holds for %(target)s: %(disclosure)s.") % names)
    if target.published_at and issue.disclosure != Disclosure.PUBLIC:
        told.append(_("%(target)s is taken from the public.") % names)
    if issue.concerned:
        told.append(_("Offices that must not see %(source)s see nothing of %(target)s.") % names)
    if issue.organization_id == target.organization_id:
        told.append(_("Both are of one organization, which is told."))
    else:
        told.append(
            _("Its organization is asked to co-sign; until then neither learns of the other.")
        )
    return [*told, _("It can be undone for 24 hours, and whenever the organization says no.")]


@both
def issue_unmerge(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    sentence = _too_late(request, issue, Act.UNMERGE, permissions.parts_in(request.user, issue))
    if request.method == "GET" and not issue.merged_into_id:
        sentence = sentence or _("This issue goes on by itself.")
    if sentence:
        return _back(request, issue, sentence)
    form = forms_together.UnmergeForm(typed(request))
    act = {"by": request.user, "now": clock.now()}
    made, status = _done(form, lambda: actions.unmerge(issue, **act, **form.cleaned_data))
    if made:
        return _back(request, issue, str(UNMERGE.done))
    return _act_page(request, issue, form, UNMERGE, status)


@both
def issue_same(request: HttpRequest, reference: str) -> HttpResponse:
    """The organization of a merged issue says whether it is the same matter as the other."""
    issue = get_object_or_404(readable(request.user), reference=reference)
    if not request.user.organization_ids:
        raise PermissionDenied
    question = company.question_of(issue, request.user)
    if question is None:
        return _back(request, issue, _("Nothing is asked of your organization now."))
    form = forms_together.AnswerForm(typed(request))
    act = {"by": request.user, "now": clock.now()}
    made, status = _done(form, lambda: actions.answer_cosign(question, **act, **form.cleaned_data))
    if made:
        return _back(request, issue, str(SAME))
    page = {"issue": issue, "question": question, "form": form}
    return render(request, "issues/same_matter.html", page, status=status)


# --- co-signing ---------------------------------------------------------------------------------
@both
def issue_cosign(request: HttpRequest, reference: str) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), reference=reference)
    others = request.user.organization_ids - {issue.organization_id}
    parts = frozenset({workflow.COSIGNER}) if others else frozenset()
    if sentence := _too_late(request, issue, Act.COSIGN, parts):
        return _back(request, issue, sentence)
    organizations = company.organizations_for(issue, request.user)
    if not organizations:
        return _back(request, issue, _("Your organization co-signs this issue already."))
    if not company.may_cosign(issue, request.user):
        return _back(request, issue, _("An issue can be co-signed while it is published."))
    form = forms_together.CosignForm(typed(request), organizations=organizations)
    act = {"by": request.user, "now": clock.now()}
    made, status = _done(form, lambda: actions.cosign(issue, **act, **form.cleaned_data))
    if made:
        return _cosigned(request, issue)
    page = {"issue": issue, "form": form, "place": permissions.disclosed(issue, Audience.COSIGNER)}
    return render(request, "issues/cosign.html", page, status=status)


def _cosigned(request: HttpRequest, issue: Issue) -> HttpResponse:
    """To the page that deletes the draft from which somebody came, if it is theirs; else back."""
    key = forms.UUIDField(required=False)
    try:
        sent = key.clean(request.GET.get("draft", ""))
    except forms.ValidationError:
        sent = None
    own = readable(request.user).filter(author=request.user, status=Issue.Status.DRAFT)
    draft = own.filter(client_key=sent).first() if sent else None
    if draft is None:
        return _back(request, issue, str(COSIGNED))
    url = reverse("issues:draft_delete", args=[draft.client_key])
    return _back(request, issue, str(COSIGNED_DRAFT), url)


@both
def issue_uncosign(request: HttpRequest, reference: str) -> HttpResponse:
    issue = get_object_or_404(readable(request.user), reference=reference)
    own = company.own_of(company.cosigns_of(issue), request.user)
    if own is None:
        raise PermissionDenied
    form = ActForm(typed(request))
    act = {"by": request.user, "now": clock.now()}
    made, status = _done(form, lambda: actions.uncosign(own, **act))
    if made:
        messages.success(request, str(UNCOSIGN.done))
        return redirect("issues:issues")
    return _act_page(request, issue, form, UNCOSIGN, status)


# --- several ------------------------------------------------------------------------------------
@both
def issue_split(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    if sentence := _too_late(request, issue, Act.SPLIT, permissions.parts_in(request.user, issue)):
        return _back(request, issue, sentence)
    form = forms_together.SplitForm(typed(request), initial=key_in(request))
    parts = _parts(request, _shown(request))
    made, status = None, 200
    if _are_valid(request, parts):
        made, status = _done(form, lambda: _split(request, issue, form, parts))
    if made:
        return _back(request, issue, str(SPLIT_DONE))
    page = {"issue": issue, "form": form, "parts": parts, "shown": len(parts)}
    page["may_more"] = len(parts) < forms_together.MOST_PARTS
    return render(request, "issues/split.html", page, status=status)


def _shown(request: HttpRequest) -> int:
    """How many parts the form shows: one more than it did where that was pressed."""
    sent = request.POST.get("shown", "")
    count = int(sent) if sent.isdecimal() and len(sent) < 3 else forms_together.FIRST_PARTS
    return max(1, min(count + ("more" in request.POST), forms_together.MOST_PARTS))


def _parts(request: HttpRequest, count: int) -> list[forms_together.PartForm]:
    """The parts as they were typed; pressed for one more, without a word on what is missing."""
    names = [f"part{number}" for number in range(count)]
    if "more" not in request.POST:
        return [forms_together.PartForm(typed(request), prefix=name) for name in names]
    typed_so_far = [
        {field: request.POST.get(f"{name}-{field}", "") for field in ("title", "text")}
        for name in names
    ]
    return [
        forms_together.PartForm(initial=words, prefix=name)
        for name, words in zip(names, typed_so_far, strict=True)
    ]


def _are_valid(request: HttpRequest, parts: Sequence[forms_together.PartForm]) -> bool:
    """All that was sent is as it should be; each part is looked at, and says what it lacks."""
    if request.method != "POST" or "more" in request.POST:
        return False
    return not [one for one in parts if not one.is_valid()]


def _split(
    request: HttpRequest,
    issue: Issue,
    form: forms_together.SplitForm,
    parts: Sequence[forms_together.PartForm],
) -> list[Issue]:
    words = [(one.cleaned_data["title"], one.cleaned_data["text"]) for one in parts]
    return actions.split(
        issue,
        by=request.user,
        now=clock.now(),
        client_key=form.cleaned_data["client_key"],
        parts=[one for one in words if any(one)],
    )


@both
def issue_branch(request: HttpRequest, reference: str) -> HttpResponse:
    issue = _served(request, reference)
    user = request.user
    sentence = _too_late(request, issue, Act.BRANCH, permissions.parts_in(user, issue))
    if sentence:
        return _back(request, issue, sentence)
    initial = {"people": issue.people, "women": issue.women} | key_in(request)
    form = forms_together.BranchForm(typed(request), issue=issue, initial=initial)
    made, status = _done(form, lambda: _branch(request, issue, form.cleaned_data))
    if made and not user.serves(made.province_id):
        return _back(request, issue, str(HANDED_OVER) % {"province": made.province})
    if made:
        return _back(request, made, str(BRANCH.done))
    page = {"issue": issue, "form": form, "cancel_url": issue.get_absolute_url()}
    return render(request, "issues/branch.html", vars(BRANCH) | page, status=status)


def _branch(request: HttpRequest, issue: Issue, typed_: dict[str, Any]) -> Issue:
    names = ("client_key", "commune", "people", "women")
    chosen = {name: typed_[name] for name in names}
    return actions.branch(issue, by=request.user, now=clock.now(), **chosen)
