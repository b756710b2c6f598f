"""The four selects on a page: in a real browser, and without JavaScript."""

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.template import engines
from django.test import Client
from django.urls import path

from config.urls import urlpatterns as own
from provinces.forms import PlaceFields, place_layout
from tests.factories import LocalityFactory, UserFactory

PAGE = """{% extends "base.html" %}{% load crispy_forms_tags %}
{% block content %}
  <form method="post" class="form" novalidate>
    {% csrf_token %}{% crispy form %}<button class="btn" id="send">Send</button>
  </form>
{% endblock content %}"""


class PlaceForm(PlaceFields, forms.Form):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(place_layout())


def picker(request):
    form = PlaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return HttpResponse(f"chosen {form.cleaned_data['village'].pk}")
    return HttpResponse(engines["django"].from_string(PAGE).render({"form": form}, request))


urlpatterns = [*own, path("picker/", picker)]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls(__name__)]


@pytest.fixture
def places():
    for code in ("11010101", "11010201", "16010101"):
        LocalityFactory(code=code)


def open_picker(page, live_server):
    """Open the page as somebody who is signed in."""
    client = Client()
    client.force_login(UserFactory())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/picker/")


def options_of(page, step):
    values = page.locator(f"#id_{step} option").evaluate_all("all => all.map(one => one.value)")
    return [value for value in values if value]


def choose(page, step, code, following, offered):
    """Choose, and wait until the following list offers that place."""
    page.select_option(f"#id_{step}", code)
    page.wait_for_selector(f"#id_{following} option[value='{offered}']", state="attached")


def test_each_choice_loads_the_next_list(page, live_server, places):
    open_picker(page, live_server)

    choose(page, "province", "11", "district", "1101")
    choose(page, "district", "1101", "commune", "110101")
    choose(page, "commune", "110101", "village", "11010101")
    assert options_of(page, "village") == ["11010101"]

    choose(page, "province", "16", "district", "1601")
    assert options_of(page, "district") == ["1601"]
    assert options_of(page, "commune") == options_of(page, "village") == []

    choose(page, "district", "1601", "commune", "160101")
    choose(page, "commune", "160101", "village", "16010101")
    page.select_option("#id_village", "16010101")
    page.click("#send")
    assert page.text_content("body") == "chosen 16010101"


def test_without_javascript_a_button_shows_the_next_list(client, places):
    client.force_login(UserFactory())

    page = client.get("/picker/").content.decode()
    answer = client.post("/picker/", {"province": "11", "refresh": "1"}).content.decode()

    assert '<noscript><button type="submit" class="btn" name="refresh"' in page
    assert '<option value="1101">' in answer
    assert "has-error" not in answer
