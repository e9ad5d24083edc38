"""A register of any size, for measuring: plausible initiatives, drawn from word lists and the real organisations."""
