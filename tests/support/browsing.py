"""Fixtures for tests in a browser."""
