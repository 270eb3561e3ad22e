"""What runs: signing keys, events, mail."""
