"""Addresses of accounts: one's own, and how people come in. Sign-in itself is django-allauth's, under /account/ too."""

from django.urls import include, path

from register.accounts import views
from register.accounts.kept_form import kept_form

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/signed-in/", views.signed_in, name="signed_in"),
    path("account/signed-in/<int:pk>/end/", views.signed_in_end, name="signed_in_end"),
    path("account/signed-in/end-others/", views.signed_in_end_others, name="signed_in_end_others"),
    path("kept-form/", kept_form, name="kept_form"),
    path("", include("register.accounts.joining.urls")),
    path("", include("register.accounts.people.urls")),
]
