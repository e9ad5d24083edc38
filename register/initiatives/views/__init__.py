"""What can be done to a record, each on a page of its own."""
