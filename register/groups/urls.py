"""Addresses of a working group's own pages."""

from django.urls import path

from register.groups.views import decisions, groups, meetings

urlpatterns = [
    path("groups/", groups.group_list, name="group_list"),
    path("groups/<slug:code>/members/", groups.members, name="group_members"),
    path("groups/<slug:code>/decisions/", decisions.decisions, name="group_decisions"),
    path("groups/<slug:code>/decisions/new/", decisions.decision_new, name="group_decision_new"),
    path("groups/<slug:code>/meetings/", meetings.meetings, name="group_meetings"),
    path("groups/<slug:code>/meetings/new/", meetings.meeting_new, name="group_meeting_new"),
]
