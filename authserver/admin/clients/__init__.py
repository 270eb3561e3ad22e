"""Clients and APIs: what each is, what it did, and why it was refused."""
