"""The demonstration that `make run` starts: the server, an example relying party and an example resource server.

Only here are there example people with known passwords.
"""
