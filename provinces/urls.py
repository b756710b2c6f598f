"""Addresses of the room."""

from django.urls import path

from provinces import views

app_name = "provinces"
urlpatterns = [
    path("authorities/", views.authorities, name="authorities"),
    path("authorities/<int:pk>/", views.authority, name="authority"),
    path("authorities/<int:pk>/contacts/new/", views.contact_new, name="contact_new"),
    path("authorities/<int:pk>/superior/", views.authority_superior, name="authority_superior"),
    path("authorities/<int:pk>/themes/", views.authority_themes, name="authority_themes"),
    path("themes/", views.themes, name="themes"),
    path("themes/new/", views.theme_new, name="theme_new"),
    path("themes/<slug:code>/", views.theme, name="theme"),
    path("honorifics/", views.honorifics, name="honorifics"),
    path("honorifics/new/", views.honorific_new, name="honorific_new"),
    path("honorifics/<slug:code>/", views.honorific, name="honorific"),
    path("roads/", views.roads, name="roads"),
    path("roads/<slug:here>/<slug:there>/", views.road, name="road"),
    path("contacts/<int:pk>/", views.contact, name="contact"),
    path("places/districts/", views.districts, name="districts"),
    path("places/communes/", views.communes, name="communes"),
    path("places/villages/", views.villages, name="villages"),
]
