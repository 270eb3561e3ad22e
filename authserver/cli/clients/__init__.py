"""`authserver clients check`, `list`, `schema` and `new-secret`: what clients.yaml declares."""
