"""The email: one letter in two forms, for one reader."""
