"""What stands in a token and how one comes: claims of access and ID tokens, what they grant, and bearer tokens."""
