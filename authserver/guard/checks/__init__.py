"""What an access token is held against: how it came, what it is made of, and who signed it."""
