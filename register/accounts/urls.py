"""Addresses of accounts: one's own, and how people come in. Sign-in itself is django-allauth's, under /account/ too."""

from django.urls import include, path

from register.accounts import views
from register.accounts.kept_form import kept_form
from register.accounts.second_factor import second_factor_needed

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/signed-in/", views.signed_in, name="signed_in"),
    path("account/signed-in/<int:pk>/end/", views.signed_in_end, name="signed_in_end"),
    path("account/signed-in/end-others/", views.signed_in_end_others, name="signed_in_end_others"),
    path("account/second-factor/", second_factor_needed, name="second_factor_needed"),
    path("kept-form/", kept_form, name="kept_form"),
    path("", include("register.accounts.address.urls")),
    path("", include("register.accounts.joining.urls")),
    path("", include("register.accounts.people.urls")),
]
