"""People, and what they have: found, invited, changed; the roles and groups they are given."""
