"""`authserver clients plan`: here, against the database of the settings."""
