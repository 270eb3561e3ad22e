"""Every clients.yaml that was live: written down once for all nodes, sealed, and found again to be compared."""
