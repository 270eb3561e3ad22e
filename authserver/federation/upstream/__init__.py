"""A provider as this server meets it: its metadata and keys, the calls to it, and what is kept of its answers."""
