"""What comes from providers upstream: attempts, identities, the sessions and roles that follow from them."""
