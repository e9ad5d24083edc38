"""Addresses of one's own account. Sign-in itself is django-allauth's, under /account/ too."""

from django.urls import path

from register.accounts import views
from register.accounts.kept_form import kept_form

urlpatterns = [
    path("account/", views.account, name="account"),
    path("kept-form/", kept_form, name="kept_form"),
]
