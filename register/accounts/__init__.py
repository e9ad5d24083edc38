"""Who is who: people, working groups, roles and what they allow."""
