"""What others sign and say: foreign JWTs and their keys, and what a provider upstream vouches for."""
