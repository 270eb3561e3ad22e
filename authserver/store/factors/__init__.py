"""What people prove beside their password: authenticator apps and recovery codes."""
