"""The demonstration that `make run` starts: the server, an example relying party, an example resource
server and a mailbox.

Only here are there example people with known passwords.
"""
