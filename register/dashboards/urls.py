"""Addresses of a group's dashboard."""

from django.urls import path

from register.dashboards import others_views, views

urlpatterns = [
    path("groups/<slug:code>/state-of-play/", views.state_of_play_page, name="group_state_of_play"),
    path("groups/<slug:code>/opportunities/", views.opportunities_page, name="group_opportunities"),
    path("groups/<slug:code>/opportunities/others/", others_views.others_page, name="group_others"),
    path("groups/<slug:code>/barriers/", views.barriers_page, name="group_barriers"),
    path("groups/<slug:code>/organisations/", views.organisations_page, name="group_organisations"),
    path("groups/<slug:code>/figures/", views.figures_page, name="group_figures"),
]
