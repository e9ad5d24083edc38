"""Addresses of coming in."""

from django.urls import path

from register.accounts.joining import views

urlpatterns = [
    path(
        "organisations/<slug:code>/people/invite/", views.invite_to_organisation, name="organisation_invite"
    ),
    path("groups/<slug:code>/members/invite/", views.invite_to_group, name="group_invite"),
    path("people/invite/", views.invite_to_register, name="people_invite"),
    path("invitations/<int:pk>/again/", views.invitation_again, name="invitation_again"),
    path("invitations/<int:pk>/withdraw/", views.invitation_withdraw, name="invitation_withdraw"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
]
