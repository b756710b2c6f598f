"""What the pages of one act on a referral have in common: doing it, and going back."""

from collections.abc import Callable, Mapping

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from audit.errors import TransitionError
from issues.models import Referral
from issues.views.refusals import refused


def answer(
    request: HttpRequest,
    found: Referral,
    form: forms.Form,
    act: Callable[[], object],
    *,
    template: str,
    page: Mapping[str, object],
    done: str,
    refusal: Callable[[], str],
    after_refusal: Callable[[], object] | None = None,
) -> HttpResponse:
    """Do the act and go back to the referral, or show the page with what stands against it.

    ``refusal`` says why the page is not even opened now. ``after_refusal`` is called before
    anything of a refused act is told: it ends the answer where the reader has lost the referral.
    """
    back, status = reverse("issues:referral", args=[found.pk]), 200
    if request.method == "GET" and (sentence := refusal()):
        messages.error(request, sentence)
        return redirect(back)
    if form.is_valid():
        try:
            act()
        except TransitionError as error:
            if after_refusal:
                after_refusal()
            status = refused(form, error)
        else:
            messages.success(request, done)
            return redirect(back)
    facts = {"referral": found, "issue": found.issue, "form": form, "cancel_url": back}
    return render(request, template, facts | dict(page), status=status)
