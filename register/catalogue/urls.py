"""Addresses of this capability's pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
