"""`authserver clients plan`: here, against the database of the settings, or by a running server."""
