"""A working group's three pages: state of play, opportunities, barriers."""
