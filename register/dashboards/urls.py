"""Addresses of dashboards: the same pages of everything that a dashboard can be of."""

from django.urls import path

from register.dashboards.others_views import others_page
from register.dashboards.views import dashboard_page

# What a dashboard is of, and where its pages begin.
BEGIN = {
    "group": "groups/<slug:code>/",
    "view": "views/<int:pk>/",
    "place": "places/<slug:slug>/",
    "organisation": "organisations/<slug:code>/",
    "everything": "everything/",
}
PAGES = {
    "state_of_play": "state-of-play/",
    "opportunities": "opportunities/",
    "gaps": "opportunities/gaps/",
    "doors": "opportunities/dates/",
    "barriers": "barriers/",
    "open_barriers": "barriers/open/",
    "organisations": "taking-part/",
    "figures": "figures/",
}

urlpatterns = [
    *(
        path(begin + address, dashboard_page, {"kind": kind, "name": name}, name=f"{kind}_{name}")
        for kind, begin in BEGIN.items()
        for name, address in PAGES.items()
    ),
    *(
        path(f"{begin}opportunities/others/", others_page, {"kind": kind}, name=f"{kind}_others")
        for kind, begin in BEGIN.items()
    ),
]
