"""Addresses of a working group's own pages, and of what is asked of groups and organisations from a record."""

from django.urls import path

from register.groups.views import (
    ask_steps,
    asks,
    decisions,
    duty,
    flags,
    groups,
    managing,
    meetings,
    members,
    queue,
)

GROUP = "groups/<slug:code>/"
RECORD = "initiatives/<slug:reference>/"

urlpatterns = [
    path("groups/", groups.group_list, name="group_list"),
    path(f"{GROUP}members/", groups.members, name="group_members"),
    path(f"{GROUP}queue/", queue.queue_page, name="group_queue"),
    path(f"{GROUP}queue/<int:pk>/withdraw/", queue.flag_withdraw, name="group_flag_withdraw"),
    path(f"{GROUP}decisions/", decisions.decisions, name="group_decisions"),
    path(f"{GROUP}decisions/new/", decisions.decision_new, name="group_decision_new"),
    path(f"{GROUP}decisions/<int:pk>/", decisions.decision, name="group_decision"),
    path(f"{GROUP}decisions/<int:pk>/correct/", decisions.decision_correct, name="group_decision_correct"),
    path(f"{GROUP}meetings/", meetings.meetings, name="group_meetings"),
    path(f"{GROUP}meetings/new/", meetings.meeting_new, name="group_meeting_new"),
    path(f"{RECORD}review/", flags.flag_new, name="review_flag_new"),
    path(f"{RECORD}review/<int:pk>/withdraw/", flags.flag_withdraw, name="review_flag_withdraw"),
    path(f"{RECORD}duty/", duty.consideration_new, name="consideration_new"),
    path(f"{RECORD}duty/<int:pk>/", duty.consideration_edit, name="consideration_edit"),
    path("organisations/<slug:code>/duty/<int:year>/", duty.organisation_duty, name="organisation_duty"),
    path(f"{GROUP}meetings/<int:pk>/edit/", meetings.meeting_edit, name="group_meeting_edit"),
    path(f"{GROUP}meetings/<int:pk>/cancel/", meetings.meeting_cancel, name="group_meeting_cancel"),
    path(f"{GROUP}edit/", managing.group_edit, name="group_edit"),
    path(f"{GROUP}remit/", managing.group_remit, name="group_remit"),
    path(f"{GROUP}remit/change/", managing.group_remit_change, name="group_remit_change"),
    path(f"{GROUP}members/add/", members.member_add, name="group_member_add"),
    path(f"{GROUP}members/<uuid:public_id>/", members.member_roles, name="group_member"),
    path(
        f"{GROUP}members/<uuid:public_id>/remove/",
        members.member_remove,
        name="group_member_remove",
    ),
    path(f"{GROUP}asks/", asks.asks, name="group_asks"),
    path(f"{GROUP}asks/new/", asks.ask_new, name="group_ask_new"),
    path(f"{GROUP}asks/<int:pk>/", asks.ask, name="group_ask"),
    path(f"{GROUP}asks/<int:pk>/edit/", asks.ask_edit, name="group_ask_edit"),
    path(f"{GROUP}asks/<int:pk>/asked/", ask_steps.ask_asked, name="group_ask_asked"),
    path(f"{GROUP}asks/<int:pk>/answer/", ask_steps.ask_answer, name="group_ask_answer"),
    path(
        f"{GROUP}asks/<int:pk>/answer/correct/", ask_steps.ask_answer_correct, name="group_ask_answer_correct"
    ),
    path(f"{GROUP}asks/<int:pk>/close/", ask_steps.ask_close, name="group_ask_close"),
    path(f"{GROUP}asks/<int:pk>/withdraw/", ask_steps.ask_withdraw, name="group_ask_withdraw"),
]
