"""What an edition says: when its window is due, the changes it tells, what is due, and to whom it is addressed."""
