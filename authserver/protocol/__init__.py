"""Pure rules of the specifications: one rule a file, named after it.

Nothing here knows Flask, Authlib's server, SQLAlchemy or Redis. The clock and randomness are arguments, so every rule
can be checked from a table.

Sections: `token`, what stands in tokens; `person`, what people are known by; `upstream`, what others vouch for.
"""
