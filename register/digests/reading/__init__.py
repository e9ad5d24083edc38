"""What of an edition is one reader's, with their eyes of the moment it is sent or shown."""
