"""How fast the server is: `python -m bench`, explained in docs/performance.md."""
