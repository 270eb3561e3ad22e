"""Bad input: what to send, to what, and what must hold whatever was sent."""
