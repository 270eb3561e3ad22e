"""Clients that registered themselves, and the tokens that let them (RFC 7591, RFC 7592)."""
