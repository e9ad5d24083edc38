"""Addresses of a working group's own pages, and of what is asked of groups and organisations from a record."""

from django.urls import path

from register.groups.views import decisions, duty, flags, groups, meetings, queue

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
]
