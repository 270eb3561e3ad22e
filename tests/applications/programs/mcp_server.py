"""The MCP server of the document, with one tool."""

import sys
from pathlib import Path

from fastmcp.server.dependencies import get_access_token

document: dict[str, object] = {}
exec(Path("configuration").read_text(encoding="utf-8"), document)
server = document["server"]


@server.tool
def whoami() -> dict[str, object]:
    """Whose token it is."""
    return get_access_token().claims


server.run(transport="http", host="127.0.0.1", port=int(sys.argv[1]), path="/mcp", show_banner=False)
