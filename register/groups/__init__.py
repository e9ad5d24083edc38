"""What a working group does: its remit, meetings, decisions and asks."""
