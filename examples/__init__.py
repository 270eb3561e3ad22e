"""Two applications around the server, a mailbox, and the demonstration that runs them all."""
