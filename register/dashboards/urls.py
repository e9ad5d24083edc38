"""Addresses of dashboards: the same pages of everything that a dashboard can be of."""

from django.urls import path

from register.dashboards import others_views, views

# What a dashboard is of, and where its pages begin.
BEGIN = {
    "group": "groups/<slug:code>/",
    "view": "views/<int:pk>/",
    "place": "places/<slug:slug>/",
    "organisation": "organisations/<slug:code>/",
    "everything": "everything/",
}
PAGES = (
    ("state-of-play/", "state_of_play", views.state_of_play_page),
    ("opportunities/", "opportunities", views.opportunities_page),
    ("opportunities/gaps/", "gaps", views.gap_matrix_page),
    ("opportunities/others/", "others", others_views.others_page),
    ("opportunities/dates/", "doors", views.doors_page),
    ("barriers/", "barriers", views.barriers_page),
    ("barriers/open/", "open_barriers", views.open_barriers_page),
    ("taking-part/", "organisations", views.organisations_page),
    ("figures/", "figures", views.figures_page),
)

urlpatterns = [
    path(begin + address, view, {"kind": kind}, name=f"{kind}_{name}")
    for kind, begin in BEGIN.items()
    for address, name, view in PAGES
]
