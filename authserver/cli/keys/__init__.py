"""`authserver keys`: signing keys and the master key. One command a file."""
