"""What every email that the register owes somebody has in common: claims, how it ended, refused addresses."""
