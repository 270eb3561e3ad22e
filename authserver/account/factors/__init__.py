"""Two-factor authentication in a person's own area: what they have, and what they set up."""
