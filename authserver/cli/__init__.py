"""The `authserver` command."""
