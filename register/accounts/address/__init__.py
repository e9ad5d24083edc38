"""Moving one's own account to another address."""
