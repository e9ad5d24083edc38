"""Addresses of the pages that show several capabilities together."""

from django.urls import path

from register.pages import browse, drafts, gallery, group, health, home, leaving, logging, record, words
from register.pages.personal import views as personal

urlpatterns = [
    path("", home.home_page, name="home"),
    path("health/", health.health, name="health"),
    path("initiatives/new/", logging.log_page, name="initiative_new"),
    path("initiatives/new/similar/", logging.similar_fragment, name="initiative_similar"),
    path("initiatives/new/places/", logging.places_fragment, name="initiative_suggest_places"),
    path("initiatives/<slug:reference>/", record.record_page, name="initiative"),
    path("initiatives/<slug:reference>/edit/", logging.edit_page, name="initiative_edit"),
    path("organisations/", browse.organisations, name="organisation_list"),
    path("organisations/search/", browse.organisation_search, name="organisation_search"),
    path("organisations/<slug:code>/", browse.organisation, name="organisation"),
    path("drafts/", drafts.draft_list, name="draft_list"),
    path(
        "organisations/<slug:code>/people/<uuid:public_id>/end/",
        leaving.leave_page,
        name="organisation_person_end",
    ),
    path("places/", browse.places, name="place_list"),
    path("places/<slug:slug>/", browse.place, name="place"),
    path("groups/<slug:code>/", group.group_page, name="group"),
    path("groups/<slug:code>/digest/", group.group_digest, name="group_digest"),
    path("people/<uuid:public_id>/", browse.person, name="person"),
    path("account/data/", personal.own_data, name="account_data"),
    path("account/data/export/", personal.own_data_export, name="account_data_export"),
    path("people/<uuid:public_id>/data/", personal.person_data, name="person_data"),
    path("people/<uuid:public_id>/data/export/", personal.person_data_export, name="person_data_export"),
    path("people/<uuid:public_id>/erase/", personal.person_erase, name="person_erase"),
    path("accessibility/", words.accessibility, name="accessibility"),
    path("privacy/", words.privacy, name="privacy"),
    path("cookies/", words.cookies_page, name="cookies"),
    path("how-figures-are-counted/", words.figures, name="figures"),
    path("components/", gallery.gallery, name="components"),
]
