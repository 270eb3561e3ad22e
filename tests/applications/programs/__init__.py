"""Programs around the applications: as little as each of them needs to start.

They run in an environment of their own, in a folder with what the document says, as `configuration`.
"""
