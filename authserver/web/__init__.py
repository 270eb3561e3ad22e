"""HTTP for every room: addresses, security headers, CSRF, error pages, request ids, and the endpoints for machines."""
