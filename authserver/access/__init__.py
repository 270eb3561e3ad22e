"""What people and services may do: roles and groups, the permissions that they give, and how large that gets.

Pure. Declared in clients.yaml, given to people in the database, carried in tokens (RFC 9068 §2.2.3.1).
https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1
"""
