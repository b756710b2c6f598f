"""Addresses of the room."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("organizations/", views.organizations, name="organizations"),
    path("organizations/new/", views.organization_new, name="organization_new"),
    path("organizations/<int:pk>/", views.organization, name="organization"),
    path("organizations/<int:pk>/edit/", views.organization_edit, name="organization_edit"),
    path("people/", views.people, name="people"),
    path("people/new/", views.person_new, name="person_new"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/card/", views.person_card, name="person_card"),
    path("roles/<int:pk>/end/", views.role_end, name="role_end"),
    path("authorities/<int:pk>/approval/", views.office_approval, name="office_approval"),
    path("account/", views.account, name="account"),
]
