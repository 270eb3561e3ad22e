"""What a client asks for at the authorization endpoint, one rule a file."""
