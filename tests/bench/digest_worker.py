"""One of two workers that send: `python -m tests.bench.digest_worker PORT SLOT FIRST LAST`.

Its share of the deliveries goes out once its standard input is closed; it says how many did.
"""

from __future__ import annotations

import sys
from datetime import datetime


def main() -> None:
    port, slot, first, last = sys.argv[1:]
    import django

    django.setup()
    from register.core.clock import now
    from register.digests.models import Delivery
    from register.digests.reading.readers import Readers
    from tests.bench.digests import mail_to, send

    mail_to(int(port))
    ready = Delivery.objects.filter(pk__range=(int(first), int(last)), state=Delivery.State.WAITING)
    keys = list(ready.order_by("pk").values_list("pk", flat=True))
    # As a worker that has run for a while: the tallies are in its memory.
    Readers(list(ready.filter(pk__in=keys[:1]).select_related("edition__group", "user")), now=now())
    print("ready", flush=True)
    sys.stdin.read()
    print(send(keys, datetime.fromisoformat(slot)), flush=True)


if __name__ == "__main__":
    main()
