"""Every clients.yaml that was live, up to the last fifty."""
