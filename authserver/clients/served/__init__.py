"""clients.yaml as a running server has it: read in a process of its own, handed on, and made at first use."""
