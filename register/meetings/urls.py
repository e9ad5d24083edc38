"""Addresses of a meeting."""

from django.urls import path

from register.meetings import views

MEETING = "groups/<slug:code>/meetings/<int:pk>/"

urlpatterns = [
    path(MEETING, views.meeting_page, name="group_meeting"),
    path(f"{MEETING}decided/", views.meeting_decided, name="group_meeting_decided"),
    path(f"{MEETING}agenda/", views.meeting_agenda, name="group_meeting_agenda"),
    path(f"{MEETING}start/", views.meeting_start, name="group_meeting_start"),
    path(f"{MEETING}end/", views.meeting_end, name="group_meeting_end"),
    path(f"{MEETING}pack/", views.meeting_pack, name="group_meeting_pack"),
    path(f"{MEETING}minutes/", views.meeting_minutes, name="group_meeting_minutes"),
    path(f"{MEETING}meeting.ics", views.meeting_calendar, name="group_meeting_calendar"),
]
