"""clients.yaml as a file: read with the place of each value, its scalars and texts, and faults that name a place."""
