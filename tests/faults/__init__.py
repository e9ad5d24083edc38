"""Faults, for real: beats, workers, servers and mail while things are killed, and a count of who got what.

`make test-faults` (`python -m tests.faults --scripts 50 --seed 1`) plays random scripts against real processes and
compares the mail server's own log with a model of who was due that asks nothing of `register.digests`.
"""
