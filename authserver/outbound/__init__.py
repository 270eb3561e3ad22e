"""Calls to others: one way to make them, bounded in time, size and where they lead, and what they bring.

`transport` carries every call; `client` puts it under a session of requests, Authlib's among them; `cached` keeps a
document for all threads. Nothing here knows what it is that is fetched.
"""
