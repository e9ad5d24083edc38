"""What is said of agreements, documents and sources."""

from __future__ import annotations

from collections.abc import Iterator

from register.history.columns import show
from register.history.folding import ADDED, CHANGED, Net
from register.history.sayings.common import Said, Teller, line, says, small

AGREEMENT = "register_agreement"
DATES = {"review_on": "is to be reviewed on", "ends_on": "ends on", "signed_on": "was signed on"}


@says("agreement")
def _agreement(net: Net, teller: Teller) -> Iterator[Said]:
    what = line(net.row.get("title") or "") or teller.small(net, "kind")
    if net.how != CHANGED:
        signed = teller.word(net, "signed_on")
        tail = f", signed {signed}" if signed and net.how == ADDED else ""
        yield Said("agreement", f"an agreement was {net.how}: {what}{tail}")
        return
    for column, words in DATES.items():
        if net.columns == {column} and net.after.get(column):
            yield Said("agreement", f"an agreement {words} {teller.word(net, column)}: {what}")
            return
    yield Said("agreement", f"an agreement was changed: {what}")


@says("agreementparty")
def _party(net: Net, teller: Teller) -> Iterator[Said]:
    """Parties come and go with their agreement, unless it stays."""
    agreement = net.row["agreement_id"]
    if any(o.table == AGREEMENT and o.object_id == agreement and o.how != CHANGED for o in teller.others):
        return
    row = teller.rows.latest(AGREEMENT, agreement)
    what = line(row.get("title") or "") or small(show(AGREEMENT, "kind", row, teller.names))
    words = "joined" if net.how == ADDED else "left"
    yield Said("agreement", f"an agreement changed: {teller.word(net, 'organisation_id')} {words} it, {what}")


@says("document")
def _document(net: Net, teller: Teller) -> Iterator[Said]:
    yield Said("document", f"a document was {net.how}: {line(net.row['title'])}")


@says("source")
def _source(net: Net, teller: Teller) -> Iterator[Said]:
    yield Said("source", f"a source was {net.how}: {line(net.row['citation'])}")
