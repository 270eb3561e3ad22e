"""HTTP for every room: addresses, request ids, bearer tokens, CORS, limits, and the endpoints for machines."""
