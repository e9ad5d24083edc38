"""What groups and people choose: when a digest comes, all of it or some, and the way out from an email."""
