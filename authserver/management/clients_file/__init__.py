"""What clients.yaml makes of people, and what another would: planned and explained, and nothing of it changed."""
