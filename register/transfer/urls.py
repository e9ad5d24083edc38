"""Addresses of exports."""

from django.urls import path

from register.transfer import views

urlpatterns = [
    path("initiatives/export/", views.initiative_export, name="initiative_export"),
    path("exports/", views.export_list, name="export_list"),
]
