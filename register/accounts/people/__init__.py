"""The accounts of a place: who has one, with which role, when they were last here; changing and ending them."""
