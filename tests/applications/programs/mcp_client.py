"""The MCP client of the document: it says which page a person is to open, and what the server's tool answered."""

import asyncio
import json
import webbrowser
from pathlib import Path


def opened(url: str) -> bool:
    print(json.dumps({"open": url}), flush=True)
    return True


webbrowser.open = opened
document: dict[str, object] = {}
exec(Path("client").read_text(encoding="utf-8"), document)


async def main() -> None:
    async with document["client"] as client:
        print(json.dumps({"seen": (await client.call_tool("whoami")).data}), flush=True)


asyncio.run(main())
