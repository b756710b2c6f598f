"""Addresses of the room."""

from django.urls import path

from minutes.views import acts, pages

app_name = "minutes"
OF = "sessions/<int:pk>/minutes"
urlpatterns = [
    path(f"{OF}/", pages.minutes, name="minutes"),
    path(f"{OF}.pdf", pages.minutes_file, {"kind": "pdf"}, name="minutes_pdf"),
    path(f"{OF}.docx", pages.minutes_file, {"kind": "docx"}, name="minutes_docx"),
    path(f"{OF}/passages/<slug:kind>/<slug:language>/", acts.passage, name="passage"),
    path(f"{OF}/items/<int:item>/<slug:language>/", acts.passage, name="discussion"),
    path(f"{OF}/comment/<slug:kind>/", acts.comment, name="comment"),
    path(f"{OF}/comment/items/<int:item>/", acts.comment, name="comment_item"),
    path(f"{OF}/comments/<int:comment>/", acts.comment_answer, name="comment_answer"),
    path(f"{OF}/number/", acts.number, name="number"),
    path(f"{OF}/send/", acts.send, name="send"),
    path(f"{OF}/approve/", acts.approve, name="approve"),
    path(f"{OF}/scan/", pages.scan, name="scan"),
    path(f"{OF}/scan/add/", acts.scan_add, name="scan_add"),
    path(f"{OF}/publish/", acts.publish, name="publish"),
    path(f"{OF}/withdraw/", acts.withdraw, name="withdraw"),
    path(f"{OF}/amend/", acts.amend, name="amend"),
    path("minutes/<str:code>/", pages.verify, name="verify"),
]
