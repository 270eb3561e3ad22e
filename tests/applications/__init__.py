"""Applications of others, set up by the very lines of docs/applications.md, and a person who signs in to each."""
