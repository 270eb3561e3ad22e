"""Second factors: what each is, and when what somebody presents is right."""
