"""Where the mail of the demonstration ends: a mail server that delivers nothing, and a page that shows what it got.

Only `make run` starts it; the authorization server knows it as its mail server and nothing more.
"""
