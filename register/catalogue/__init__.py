"""Finding initiatives: one filter language for lists, saved views, remits, dashboards and digests."""
