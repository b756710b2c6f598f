"""Forums: the list, and the forms of one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from audit import clock
from forum import actions, permissions
from forum.filters import ForumFilter
from forum.forms.forums import EditForumForm, NewForumForm, initial_of_forum
from forum.models import Forum
from forum.views import shared

PAGE_SIZE = 30


@login_not_required
@require_safe
def forums(request: HttpRequest) -> HttpResponse:
    rows = Forum.objects.visible_to(request.user).prefetch_related("provinces")
    chosen = ForumFilter(request.GET, queryset=rows, today=clock.today())
    page = Paginator(chosen.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "filter": chosen, "may_add": _may_add(request)}
    return render(request, "forum/forums.html", context)


def _may_add(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_role(Role.COORDINATOR)


def _serves(request: HttpRequest, found: Forum) -> bool:
    return permissions.serves_one_of(request.user, [one.pk for one in found.provinces.all()])


@require_http_methods(["GET", "POST"])
@shared.answers_conflict
def forum_new(request: HttpRequest) -> HttpResponse:
    if not _may_add(request):
        raise PermissionDenied
    form = NewForumForm(shared.typed(request), user=request.user, initial=shared.key_in(request))
    made = shared.done(
        form, lambda: actions.create_forum(by=request.user, now=clock.now(), **form.cleaned_data)
    )
    if made is not None:
        messages.success(request, _("The forum has been added. Plan its sessions now."))
        return redirect(made)
    return render(request, "forum/forum_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
def forum_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Forum.objects.visible_to(request.user), pk=pk)
    if not _serves(request, found):
        raise PermissionDenied
    initial = initial_of_forum(found)
    form = EditForumForm(shared.typed(request), user=request.user, initial=initial)
    if shared.done(
        form,
        lambda: actions.edit_forum(found, by=request.user, now=clock.now(), **form.cleaned_data),
    ):
        messages.success(request, _("The forum has been changed."))
        return redirect(found)
    return render(request, "forum/forum_form.html", {"form": form, "forum": found})
