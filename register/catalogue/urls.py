"""Addresses of finding initiatives."""

from django.urls import path

from register.catalogue import saved_views, views

urlpatterns = [
    path("initiatives/", views.initiative_list, name="initiative_list"),
    path("initiatives/facets/", views.initiative_facets, name="initiative_facets"),
    path("initiatives/<slug:reference>/follow/", saved_views.initiative_follow, name="initiative_follow"),
    path("views/", saved_views.view_list, name="view_list"),
    path("views/new/", saved_views.view_new, name="view_new"),
    path("views/<int:pk>/edit/", saved_views.view_edit, name="view_edit"),
    path("views/<int:pk>/delete/", saved_views.view_remove, name="view_remove"),
    path("views/<int:pk>/follow/", saved_views.view_follow, name="view_follow"),
]
