"""Addresses of coming in."""

from django.urls import path

from register.accounts.joining.views import invitations, requests

urlpatterns = [
    path(
        "organisations/<slug:code>/people/invite/",
        invitations.invite_to_organisation,
        name="organisation_invite",
    ),
    path("groups/<slug:code>/members/invite/", invitations.invite_to_group, name="group_invite"),
    path("people/invite/", invitations.invite_to_register, name="people_invite"),
    path("invitations/<int:pk>/again/", invitations.invitation_again, name="invitation_again"),
    path("invitations/<int:pk>/withdraw/", invitations.invitation_withdraw, name="invitation_withdraw"),
    path("ask-for-access/", requests.ask, name="access_ask"),
    path("ask-for-access/<str:token>/", requests.confirm, name="access_confirm"),
    path("requests/<int:pk>/", requests.answer, name="access_request"),
    path("organisations/<slug:code>/domains/", requests.domains, name="organisation_domains"),
    path(
        "organisations/<slug:code>/domains/<int:pk>/remove/",
        requests.domain_remove,
        name="organisation_domain_remove",
    ),
    path("invitation/<str:token>/", invitations.invitation, name="invitation"),
]
