"""What every form of the pack shows: a summary of what was refused, figures, empty choices."""

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template
from django.utils import translation


class Sample(forms.Form):
    helper = FormHelper()
    name = forms.CharField(label="Name", max_length=3)
    way = forms.ChoiceField(label="Way", choices=[("a", "A")], widget=forms.RadioSelect)
    other = forms.CharField(label="Other", required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize("render", ["crispy", "tag"])
def test_refused_form_begins_with_links_to_what_was_refused(render):
    form = Sample({"name": "too long", "other": "fine"})
    with translation.override("en"):
        shown = (
            render_crispy_form(form)
            if render == "tag"
            else Template("{% load crispy_forms_filters %}{{ form|crispy }}").render(
                Context({"form": form})
            )
        )

    summary = shown.split('role="alert"')[1].split("</ul>")[0]
    assert 'tabindex="-1"' in summary
    assert '<a href="#id_name">Name</a>' in summary
    assert '<a href="#div_id_way">Way</a>' in summary
    assert 'id="div_id_way"' in shown
    assert "Other" not in summary


def test_form_that_is_only_opened_has_no_summary():
    assert "error-summary" not in render_crispy_form(Sample())


def test_refusal_without_a_field_is_said_alone():
    form = Sample({"name": "abc", "way": "a"})
    form.add_error(None, "Somebody was faster.")

    with translation.override("en"):
        shown = render_crispy_form(form)

    assert "Somebody was faster." in shown
    assert "Please look again at:" not in shown


def test_errors_have_the_figures_of_the_language():
    with translation.override("km"):
        shown = render_crispy_form(Sample({"name": "abcdefghijkl", "way": "a"}))

    error = shown.split('<ul class="error"')[1].split("</ul>")[0]
    assert "៣" in error
    assert "12" not in error


@pytest.mark.parametrize(("language", "word"), [("en", "Choose"), ("km", "សូមជ្រើសរើស")])
def test_empty_choice_is_a_word(language, word):
    with translation.override(language):
        shown = str(forms.Select(choices=[("", "---------"), ("a", "A")]).render("x", ""))

    assert f">{word}</option>" in shown
    assert "---" not in shown
    assert ">A</option>" in shown
