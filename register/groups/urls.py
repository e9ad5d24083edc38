"""Addresses of a working group's own pages."""

from django.urls import path

from register.groups.views import ask_steps, asks, decisions, groups, managing, meetings, members

urlpatterns = [
    path("groups/", groups.group_list, name="group_list"),
    path("groups/<slug:code>/members/", groups.members, name="group_members"),
    path("groups/<slug:code>/decisions/", decisions.decisions, name="group_decisions"),
    path("groups/<slug:code>/decisions/new/", decisions.decision_new, name="group_decision_new"),
    path("groups/<slug:code>/meetings/", meetings.meetings, name="group_meetings"),
    path("groups/<slug:code>/meetings/new/", meetings.meeting_new, name="group_meeting_new"),
    path("groups/<slug:code>/meetings/<int:pk>/edit/", meetings.meeting_edit, name="group_meeting_edit"),
    path(
        "groups/<slug:code>/meetings/<int:pk>/cancel/", meetings.meeting_cancel, name="group_meeting_cancel"
    ),
    path("groups/<slug:code>/edit/", managing.group_edit, name="group_edit"),
    path("groups/<slug:code>/remit/", managing.group_remit, name="group_remit"),
    path("groups/<slug:code>/remit/change/", managing.group_remit_change, name="group_remit_change"),
    path("groups/<slug:code>/members/add/", members.member_add, name="group_member_add"),
    path("groups/<slug:code>/members/<uuid:public_id>/", members.member_roles, name="group_member"),
    path(
        "groups/<slug:code>/members/<uuid:public_id>/remove/",
        members.member_remove,
        name="group_member_remove",
    ),
    path("groups/<slug:code>/asks/", asks.asks, name="group_asks"),
    path("groups/<slug:code>/asks/new/", asks.ask_new, name="group_ask_new"),
    path("groups/<slug:code>/asks/<int:pk>/", asks.ask, name="group_ask"),
    path("groups/<slug:code>/asks/<int:pk>/edit/", asks.ask_edit, name="group_ask_edit"),
    path("groups/<slug:code>/asks/<int:pk>/asked/", ask_steps.ask_asked, name="group_ask_asked"),
    path("groups/<slug:code>/asks/<int:pk>/answer/", ask_steps.ask_answer, name="group_ask_answer"),
    path("groups/<slug:code>/asks/<int:pk>/close/", ask_steps.ask_close, name="group_ask_close"),
    path("groups/<slug:code>/asks/<int:pk>/withdraw/", ask_steps.ask_withdraw, name="group_ask_withdraw"),
]
