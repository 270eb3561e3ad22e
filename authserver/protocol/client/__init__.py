"""Who asks: clients and APIs as an administrator registers them, and how a client authenticates."""
