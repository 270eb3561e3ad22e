"""Streamlit's own pages for signing in, without its page that a browser draws: what `st.user` knows is in a cookie."""

import json
import shutil
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route
from streamlit.auth_util import encode_provider_token
from streamlit.web.server.starlette import starlette_auth_routes as routes

Path(".streamlit").mkdir()
shutil.copyfile("configuration", ".streamlit/secrets.toml")


async def start(request):
    return RedirectResponse(f"/auth/login?provider={encode_provider_token('default')}")


async def whoami(request):
    return JSONResponse(json.loads(routes._get_cookie_value_from_request(request, "_streamlit_user")))


pages = [*routes.create_auth_routes(""), Route("/login", start), Route("/whoami", whoami)]
app = Starlette(routes=pages, middleware=[Middleware(SessionMiddleware, secret_key="s" * 50)])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
