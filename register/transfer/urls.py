"""Addresses of exports."""

from django.urls import path

from register.transfer import views

urlpatterns = [
    path("initiatives/export/", views.initiative_export, name="initiative_export"),
    path("history/ledger/export/", views.ledger_export, name="ledger_export"),
    path("exports/", views.export_list, name="export_list"),
]
