"""Bringing editions to people."""
