"""Running the server: a parent process that prepares and watches, and worker processes that answer.

The parent checks everything, migrates, makes the first keys and forks the workers (granian). Each worker reads a
request whole before a thread of the application is spent on it.
"""
