"""A backend for a frontend: a page of JavaScript whose tokens stay on the server; the browser holds a cookie alone.

It is the client `portal`, in the place of examples/relying_party. "OAuth 2.0 for Browser-Based Applications" §6.1:
https://datatracker.ietf.org/doc/draft-ietf-oauth-browser-based-apps/
"""
