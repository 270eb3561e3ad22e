"""What the issuer publishes: its public keys, fetched with care and kept in memory, for threads and for event loops."""
