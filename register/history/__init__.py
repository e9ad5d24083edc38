"""The ledger of changes: reading it, folding it into sentences."""
