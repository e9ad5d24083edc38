"""Pages that show several capabilities together. They compose, and decide nothing."""
