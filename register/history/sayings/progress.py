"""What is said of how it gets on: updates, milestones, barriers, asks, decisions."""

from __future__ import annotations

from collections.abc import Iterator

from register.history.folding import ADDED, CHANGED, REMOVED, Net
from register.history.sayings.common import Said, Teller, because, line, says, the
from register.initiatives.vocabulary import BarrierState


@says("update")
def _update(net: Net, teller: Teller) -> Iterator[Said]:
    words = {ADDED: "an update", CHANGED: "an update was corrected", REMOVED: "an update was taken off"}
    yield Said("update", f"{words[net.how]}, {teller.small(net, 'confidence')}: {line(net.row['text'])}")


@says("milestone")
def _milestone(net: Net, teller: Teller) -> Iterator[Said]:
    what = line(net.row["what"])
    if net.how == ADDED and not net.after.get("reached_on"):
        yield Said("milestone", f"a milestone was set: {what}, due {teller.word(net, 'due_on')}")
    elif net.how == REMOVED:
        yield Said("milestone", f"a milestone was removed: {what}")
    elif "reached_on" in net.columns and net.after.get("reached_on"):
        yield Said("milestone", f"a milestone was reached: {what}")
    elif "reached_on" in net.columns:
        yield Said("milestone", f"a milestone is still to be reached: {what}")
    elif "due_on" in net.columns:
        before, after = teller.word(net, "due_on", was=True), teller.word(net, "due_on")
        yield Said("milestone", f"a milestone moved from {before} to {after}: {what}")
    else:
        yield Said("milestone", f"a milestone was changed: {what}")


STATES = {
    BarrierState.OPEN: ("barrier", "a barrier is open again"),
    BarrierState.BEING_WORKED_ON: ("barrier", "a barrier is being worked on"),
    BarrierState.REMOVED: ("barrier_removed", "a barrier was removed"),
    BarrierState.ACCEPTED: ("barrier", "a barrier was accepted"),
}


@says("barrier")
def _barrier(net: Net, teller: Teller) -> Iterator[Said]:
    title = line(net.row["title"])
    state = BarrierState(net.row["state"])
    if net.how == REMOVED:
        yield Said("barrier", f"a barrier was taken off the record: {title}")
    elif net.how == ADDED:
        also = {BarrierState.REMOVED: " and removed", BarrierState.ACCEPTED: " and accepted"}.get(state, "")
        kind = "barrier_removed" if state == BarrierState.REMOVED else "barrier_raised"
        yield Said(kind, f"a barrier was raised{also}: {title}")
    elif "state" in net.columns:
        kind, words = STATES[state]
        yield Said(kind, f"{words}: {title}")
    elif "severity" in net.columns:
        before, after = teller.small(net, "severity", was=True), teller.small(net, "severity")
        yield Said("barrier", f"a barrier went from {before} to {after}: {title}")
    else:
        yield Said("barrier", f"a barrier was changed: {title}")


@says("askbarrier")
def _ask(net: Net, teller: Teller) -> Iterator[Said]:
    """The ask itself is the group's: here only that there is one, whose, and of whom."""
    barrier = teller.rows.latest("register_barrier", net.row["barrier_id"])
    ask = teller.rows.latest("register_ask", net.row["ask_id"])
    group = the(teller.names.get("working group", ask.get("group_id")) or "working group")
    whose = f"an ask by {group} of {teller.names.get('organisation', ask.get('addressee_id'))}"
    words = "was taken into" if net.how == ADDED else "was taken out of"
    yield Said("ask", f"a barrier {words} {whose}: {line(str(barrier.get('title', 'one that has gone')))}")


@says("decision")
def _decision(net: Net, teller: Teller) -> Iterator[Said]:
    group, outcome = the(teller.word(net, "group_id")), teller.small(net, "outcome")
    if net.how == ADDED:
        again = "reviewed again, correcting what was decided," if net.after.get("corrects_id") else "reviewed"
        words = f"was {again} by {group}: {outcome}{because(net.after['reasons'])}"
        yield Said("decision", words, net.after["reasons"])
    elif net.how == REMOVED:
        yield Said("decision", f"no longer has a review by {group}: {outcome}")
    else:
        yield Said("decision", f"a review by {group} was corrected: {outcome}")


@says("reviewflag")
def _flag(net: Net, teller: Teller) -> Iterator[Said]:
    group = the(teller.word(net, "group_id"))
    if net.how == ADDED:
        yield Said("flag", f"was put before {group}{because(net.after['why'])}", net.after["why"])
    elif net.columns & {"withdrawn_at"}:
        yield Said("flag", f"need not be looked at by {group} any more")
    else:
        yield Said("flag", f"was looked at by {group}", minor=True)


DECIDED = {"collaborate": "to collaborate", "do_not": "not to collaborate", "defer": "to defer it"}


@says("consideration")
def _consideration(net: Net, teller: Teller) -> Iterator[Said]:
    """Who was notified, and what they answered: the duty to consider."""
    body = teller.word(net, "organisation_id")
    answered = net.after.get("answer", "not_yet") != "not_yet"
    if net.how == REMOVED:
        yield Said("consideration", f"no longer says that {body} was notified of it")
    elif answered and (net.how == ADDED or "answer" in net.columns or "decision" in net.columns):
        decided = DECIDED.get(net.after["decision"], teller.small(net, "decision"))
        words = f"was considered by {body}, which decided {decided}{because(net.after['reasons'])}"
        yield Said("consideration", words, net.after["reasons"])
    elif net.how == ADDED:
        when = teller.word(net, "notified_on")
        yield Said(
            "consideration", f"was notified to {body} by {teller.word(net, 'notified_by_id')} on {when}"
        )
    else:
        yield Said("consideration", f"what is recorded of its consideration by {body} was corrected")
