"""Asking those who keep records current about the ones that are past their update date, once a week at most."""
