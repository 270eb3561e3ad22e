"""A resource server: it keeps reports and a directory of users, and decides by the permissions in the access token.

Everything it needs of the authorization server is its address: see `app.py`.
"""
