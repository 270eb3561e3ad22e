"""What a person is known by, and what may be said of one: names, addresses, passwords and claims."""
