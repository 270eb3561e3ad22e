"""Two applications around the server, and the demonstration that runs all three."""
