"""The register's addresses: sign-in, administration and the pages."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("account/", include("register.accounts.adapters.urls")),
    path("admin/", admin.site.urls),
    path("", include("register.urls")),
]
handler400 = "register.core.errors.bad_request"
handler403 = "register.core.errors.forbidden"
handler404 = "register.core.errors.not_found"
handler500 = "register.core.errors.server_error"
handler429 = "register.accounts.adapters.views.too_many"
