"""What a changed clients.yaml would do before it is live: compared with the one in force, against the database.

Pure but for what it reads of the store; nothing is written. The command line asks it, and nothing is shown by it.
"""
