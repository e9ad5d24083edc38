"""Forms of what a working group does."""
