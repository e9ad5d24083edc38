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
    from bluelight.worker import settle
    from register.digests.models import Delivery
    from tests.bench.digests import mail_to, prepared, send

    mail_to(int(port))
    ready = Delivery.objects.filter(pk__range=(int(first), int(last)), state=Delivery.State.WAITING)
    keys = list(ready.order_by("pk").values_list("pk", flat=True))
    # As the one worker that it is measured against: it has written to some before.
    prepared(keys)
    settle()
    print("ready", flush=True)
    sys.stdin.read()
    print(send(keys, datetime.fromisoformat(slot)), flush=True)


if __name__ == "__main__":
    main()
