"""The pages of coming in: invitations, and requests for access."""
