"""Addresses of history."""

from django.urls import path

from register.history import comparing_views, ledger_views, views

urlpatterns = [
    path("initiatives/<slug:reference>/history/", views.initiative_history, name="initiative_history"),
    path(
        "initiatives/<slug:reference>/history/compare/",
        comparing_views.initiative_compare,
        name="initiative_compare",
    ),
    path(
        "initiatives/<slug:reference>/history/put-back/<slug:column>/",
        comparing_views.initiative_put_back,
        name="initiative_put_back",
    ),
    path("history/", views.recent_changes, name="recent_changes"),
    path("history/ledger/", ledger_views.ledger, name="ledger"),
    path("recently-deleted/", views.deleted_list, name="deleted_list"),
]
