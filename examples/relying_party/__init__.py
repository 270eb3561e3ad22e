"""A relying party: signs people in with Authlib's Flask client and calls the resource server on their behalf.

The browser holds a session cookie and nothing else: every token stays on this side.
OpenID Connect Core 1.0 §3.1: https://openid.net/specs/openid-connect-core-1_0.html
"""
