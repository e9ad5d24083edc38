"""Addresses of signing in again with a form in hand. Sign-in itself is django-allauth's."""

from django.urls import path

from register.accounts.kept_form import kept_form

urlpatterns = [path("kept-form/", kept_form, name="kept_form")]
