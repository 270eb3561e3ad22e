"""`authserver clients history | diff | undo`: every clients.yaml that was live."""
