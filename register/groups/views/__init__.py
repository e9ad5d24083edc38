"""Pages of a working group: what it is, who is in it, when it meets, what it decided."""
