"""Every clients.yaml that was live."""
