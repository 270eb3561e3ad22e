"""Seen from outside: probes and metrics on a port of their own, which the parent process answers.

It asks every worker over a socket that the kernel keeps between the two, so that nothing that happens on the port for
clients stands in the way. Addresses: `/healthz`, `/readyz` and `/metrics`.
"""
