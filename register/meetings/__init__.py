"""A working group's meeting: its agenda, the pack that everybody at the table holds, and its minutes."""
