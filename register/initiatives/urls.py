"""Addresses of what can be done to a record."""

from django.urls import path

from register.initiatives.views import sections, standing

RECORD = "initiatives/<slug:reference>/"

urlpatterns = [
    path(f"{RECORD}stage/", standing.stage_page, name="initiative_stage"),
    path(f"{RECORD}standing/", standing.standing_page, name="initiative_standing"),
    path(f"{RECORD}no-figure/", standing.no_figure_page, name="initiative_no_figure"),
    path(f"{RECORD}confirm/", standing.confirm, name="initiative_confirm"),
    path(f"{RECORD}delete/", standing.delete_page, name="initiative_delete"),
    path(f"{RECORD}restore/", standing.restore, name="initiative_restore"),
    path(f"{RECORD}documents/<int:pk>/file/", standing.document_file, name="document_file"),
    path(f"{RECORD}savings/<int:pk>/verify/", sections.saving_verify, name="saving_verify"),
    path(f"{RECORD}<slug:slug>/new/", sections.section_new, name="section_new"),
    path(f"{RECORD}<slug:slug>/<int:pk>/edit/", sections.section_edit, name="section_edit"),
    path(f"{RECORD}<slug:slug>/<int:pk>/remove/", sections.section_remove, name="section_remove"),
]
