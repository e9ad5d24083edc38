"""Addresses of the digest's pages."""

from django.urls import path

from register.digests import scheduling, views
from register.digests.chasing.views import still_current

urlpatterns = [
    path("digests/", views.digest_list, name="digest_list"),
    path("digests/<uuid:public_id>/", views.digest, name="digest"),
    path("digests/unsubscribe/<str:token>/", views.digest_unsubscribe, name="digest_unsubscribe"),
    path("digests/still-current/<str:token>/", still_current, name="still_current"),
    path("groups/<slug:code>/digest/schedule/", scheduling.digest_schedule, name="group_digest_schedule"),
    path("account/digests/", views.digest_settings, name="digest_settings"),
]
