"""What keeps the database in order: its schema, what is removed, who is in charge of it, what is sealed anew."""
