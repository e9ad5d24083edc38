"""Addresses of the people of a place, and of one's own details."""

from django.urls import path

from register.accounts.people import views

urlpatterns = [
    path("account/details/", views.details, name="account_details"),
    path("still-needed/<str:token>/", views.account_still_needed, name="still_needed"),
    path("organisations/<slug:code>/people/", views.organisation_people, name="organisation_people"),
    path(
        "organisations/<slug:code>/people/<uuid:public_id>/",
        views.organisation_person,
        name="organisation_person",
    ),
    path(
        "organisations/<slug:code>/people/<uuid:public_id>/wake/",
        views.organisation_person_wake,
        name="organisation_person_wake",
    ),
    path("people/", views.people, name="people"),
    path("people/<uuid:public_id>/manage/", views.manage_person, name="person_manage"),
    path("people/<uuid:public_id>/edit/", views.person_edit, name="person_edit"),
    path("people/<uuid:public_id>/roles/<int:pk>/end/", views.person_role_end, name="person_role_end"),
    path(
        "people/<uuid:public_id>/forget-factors/", views.person_forget_factors, name="person_forget_factors"
    ),
    path("people/<uuid:public_id>/switch-off/", views.person_switch_off, name="person_switch_off"),
    path("people/<uuid:public_id>/switch-on/", views.person_switch_on, name="person_switch_on"),
]
