"""Taking initiatives out of the register, and (to come) in: exports and imports."""
