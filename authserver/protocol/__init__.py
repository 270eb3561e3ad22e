"""Pure rules of the specifications: one rule a file, named after it.

Nothing here knows Flask, Authlib's server, SQLAlchemy or Redis. The clock and randomness are arguments, so every rule
can be checked from a table.
"""
