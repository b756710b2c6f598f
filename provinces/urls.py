"""Addresses of the room."""

from django.urls import path

from provinces import views

app_name = "provinces"
urlpatterns = [
    path("authorities/", views.authorities, name="authorities"),
    path("authorities/<int:pk>/", views.authority, name="authority"),
    path("authorities/<int:pk>/contacts/new/", views.contact_new, name="contact_new"),
    path("contacts/<int:pk>/", views.contact, name="contact"),
    path("places/districts/", views.districts, name="districts"),
    path("places/communes/", views.communes, name="communes"),
    path("places/villages/", views.villages, name="villages"),
]
