"""Addresses of accounts: one's own, and how people come in. Sign-in itself is django-allauth's, under /account/ too."""

from django.urls import include, path

from register.accounts import views
from register.accounts.kept_form import kept_form

urlpatterns = [
    path("account/", views.account, name="account"),
    path("kept-form/", kept_form, name="kept_form"),
    path("", include("register.accounts.joining.urls")),
]
