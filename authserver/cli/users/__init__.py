"""`authserver users`: the people who may sign in. One command a file, or a few that belong together."""
