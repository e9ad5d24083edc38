"""Addresses of the digest's pages."""

from django.urls import path

from register.digests.archive import views as archive
from register.digests.chasing.views import still_current
from register.digests.choosing import scheduling
from register.digests.choosing import views as choosing
from register.digests.desk import views as desk

EDITION = "groups/<slug:code>/digest/<uuid:public_id>"

urlpatterns = [
    path("digests/", archive.digest_list, name="digest_list"),
    path("digests/<uuid:public_id>/", archive.digest, name="digest"),
    path("digests/unsubscribe/<str:token>/", choosing.digest_unsubscribe, name="digest_unsubscribe"),
    path("digests/still-current/<str:token>/", still_current, name="still_current"),
    path("groups/<slug:code>/digest/schedule/", scheduling.digest_schedule, name="group_digest_schedule"),
    path("groups/<slug:code>/digest/preview/", desk.digest_preview, name="group_digest_preview"),
    path(
        "groups/<slug:code>/digest/preview/email/",
        desk.digest_preview_email,
        name="group_digest_preview_email",
    ),
    path(
        "groups/<slug:code>/digest/preview/send/", desk.digest_preview_send, name="group_digest_preview_send"
    ),
    path("groups/<slug:code>/digest/note/", desk.digest_note, name="group_digest_note"),
    path(f"{EDITION}/sent/", desk.digest_sent, name="group_digest_sent"),
    path(f"{EDITION}/sent/<int:pk>/again/", desk.digest_again, name="group_digest_again"),
    path("account/digests/", choosing.digest_settings, name="digest_settings"),
]
