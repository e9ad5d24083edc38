"""Who may do what: the table that people wrote (`expected/`), what it is held against, and the page made of it.

The table comes from the register's rules (docs/permissions.md says how to read it), never from its code.
"""
