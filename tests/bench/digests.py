"""2,000 personal digests of a week with 1,000 changes, built and sent, against bare `smtplib` in the same run."""

from __future__ import annotations

READERS, CHANGES, FOLLOWED = 2000, 1000, 60
DOMAIN = "digest.bench.example"
PREPARED = 400  # of the messages, as they were sent, for bare smtplib
