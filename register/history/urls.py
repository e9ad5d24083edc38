"""Addresses of history."""

from django.urls import path

from register.history import views

urlpatterns = [
    path("initiatives/<slug:reference>/history/", views.initiative_history, name="initiative_history"),
    path("history/", views.recent_changes, name="recent_changes"),
    path("recently-deleted/", views.deleted_list, name="deleted_list"),
]
