"""A real OpenID provider on the loopback that can be told to misbehave. `python -m tests.provider` runs it.

It is what `make run` shows as "Continue with Example", and what the tests of federation sign people in with.
"""
