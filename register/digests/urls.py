"""Addresses of the digest's pages."""

from django.urls import path

from register.digests import scheduling, views

urlpatterns = [
    path("digests/", views.digest_list, name="digest_list"),
    path("digests/<uuid:public_id>/", views.digest, name="digest"),
    path("digests/unsubscribe/<str:token>/", views.digest_unsubscribe, name="digest_unsubscribe"),
    path("groups/<slug:code>/digest/schedule/", scheduling.digest_schedule, name="group_digest_schedule"),
    path("account/digests/", views.digest_settings, name="digest_settings"),
]
