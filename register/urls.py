"""Every page's address, from its capability."""

from django.urls import include, path

urlpatterns = [
    path("", include("register.accounts.urls")),
    # These before a record: initiatives/facets/ and initiatives/export/ are no references.
    path("", include("register.catalogue.urls")),
    path("", include("register.transfer.urls")),
    path("", include("register.pages.urls")),
    path("", include("register.history.urls")),
    path("", include("register.initiatives.urls")),
    path("", include("register.groups.urls")),
    path("", include("register.dashboards.urls")),
    path("", include("register.meetings.urls")),
    path("", include("register.digests.urls")),
]
