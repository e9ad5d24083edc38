"""What is said of changes outside any record: organisations, areas of work, groups, people's roles."""

from __future__ import annotations

from collections.abc import Sequence

from register.history.folding import ADDED, CHANGED, REMOVED, Net
from register.history.sayings.common import Said, Teller, line

ASK = "register_ask"
# One, many. The first of these that changed speaks for what changed with it.
NOUNS = {
    "register_organisation": ("an organisation", "organisations"),
    "register_succession": ("a succession of organisations", "successions of organisations"),
    "register_areaofwork": ("an area of work", "areas of work"),
    "register_workinggroup": ("a working group", "working groups"),
    "register_meeting": ("a meeting", "meetings"),
    "register_pack": ("a meeting’s pack", "meetings’ packs"),
    "register_agendaitem": ("an item of a meeting’s agenda", "items of a meeting’s agenda"),
    "register_ask": ("an ask", "asks"),
    "register_askbarrier": ("a barrier of a draft of an ask", "barriers of a draft of an ask"),
    "register_remit": ("a remit", "remits"),
    "register_savedview": ("a saved view", "saved views"),
    "register_savedviewgroup": (
        "whom a saved view is shared with",
        "groups that a saved view is shared with",
    ),
    "register_digestschedule": ("a digest’s schedule", "digests’ schedules"),
    # What the choices were kept in at first; the ledger goes on holding those.
    "register_digestrefusal": ("a choice of digests", "choices of digests"),
    "register_digestwish": ("a choice of digests", "choices of digests"),
    "register_coveringnote": ("a digest’s covering note", "digests’ covering notes"),
    "register_user": ("an account", "accounts"),
    "register_rolegrant": ("a role", "roles"),
    "register_policearea": ("a police area", "police areas"),
    "register_coverage": ("who covers a police area", "entries of who covers which police area"),
    "register_export": ("an export", "exports"),
    "register_organisationname": ("another name of an organisation", "other names of organisations"),
}


def outside(nets: Sequence[Net], teller: Teller) -> list[Said]:
    tables = {net.table for net in nets}
    table = next((name for name in NOUNS if name in tables), None)
    if table is None:
        return [Said("reference", "reference data was changed")] if nets else []
    of_table = [net for net in nets if net.table == table]
    if table == ASK and len(of_table) == 1:
        return [Said("ask", _ask(of_table[0], teller))]
    hows = {net.how for net in of_table}
    how = hows.pop() if len(hows) == 1 else CHANGED
    if len(of_table) > 1:
        return [Said("reference", f"{len(of_table):,} {NOUNS[table][1]} were {how}")]
    return [Said("reference", f"{_one(of_table[0], teller)} was {how}{_how_exactly(of_table[0])}")]


def _ask(net: Net, teller: Teller) -> str:
    """What became of an ask, for who may read the group's."""
    whom = teller.word(net, "addressee_id")
    if net.how == ADDED:
        return f"the ask of {whom} was drawn up: {line(net.row['title'])}"
    if net.how == REMOVED:
        return "the ask was withdrawn"
    state = net.after.get("state") if "state" in net.columns else None
    if state == "asked":
        return f"the ask went to {whom} on {teller.word(net, 'asked_on')}"
    if state == "answered":
        return f"the ask was answered on {teller.word(net, 'answered_on')}: {line(net.after['answer'])}"
    if state is None and net.columns & {"answer", "answered_on"}:
        return f"the answer was corrected: on {teller.word(net, 'answered_on')}, {line(net.after['answer'])}"
    if state == "closed":
        more = line(net.after.get("ending_text") or "")
        return f"the ask was closed: {teller.small(net, 'ending')}{f', {more}' if more else ''}"
    return "the ask was written anew"


def _one(net: Net, teller: Teller) -> str:
    name = line(str(net.row.get("name") or net.row.get("title") or ""))
    thing = NOUNS[net.table][0]
    if name:
        return f"{thing}, {name}," if net.how != ADDED else f"{thing} ({name})"
    if net.row.get("predecessor_id"):
        pair = (teller.names.get("organisation", net.row[c]) for c in ("predecessor_id", "successor_id"))
        return f"{thing} ({', then '.join(pair)})"
    return thing


def _how_exactly(net: Net) -> str:
    if net.how == CHANGED and "name" in net.columns and net.before.get("name"):
        return f": its name was “{net.before['name']}”"
    return ""
