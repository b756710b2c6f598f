"""What pages tell static/js/device.js of who reads them."""

from django import template

from issues import phones

register = template.Library()
register.filter("phone_mark", phones.mark_of)
