"""What may stand in clients.yaml: the whole of it, its clients and roles, their secrets and claims, one model each."""
