"""The record of an initiative and all that hangs on it."""
