"""What the register holds of a person: shown, exported, found in others' texts, erased."""
