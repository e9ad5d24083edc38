"""Addresses of finding initiatives."""

from django.urls import path

from register.catalogue import views

urlpatterns = [
    path("initiatives/", views.initiative_list, name="initiative_list"),
    path("initiatives/facets/", views.initiative_facets, name="initiative_facets"),
]
