"""What mlflow-oidc-auth does with its environment: MLflow is too large to be installed for a test."""

import sys
from pathlib import Path

import uvicorn
from authlib.integrations.starlette_client import OAuth
from dotenv import dotenv_values
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

given = dotenv_values(Path("configuration"))
client = OAuth().register(
    name="oidc",
    client_id=given["OIDC_CLIENT_ID"],
    client_secret=given["OIDC_CLIENT_SECRET"],
    server_metadata_url=given["OIDC_DISCOVERY_URL"],
    client_kwargs={"scope": given["OIDC_SCOPE"], "code_challenge_method": given["OIDC_CODE_CHALLENGE"]},
)


async def login(request):
    return await client.authorize_redirect(request, given["OIDC_REDIRECT_URI"])


async def callback(request):
    claims = (await client.authorize_access_token(request))["userinfo"]
    groups = claims[given["OIDC_GROUPS_ATTRIBUTE"]]
    request.session["person"] = {
        "username": claims["email"],
        "name": claims["name"],
        "may_enter": given["OIDC_GROUP_NAME"] in groups,
        "is_admin": given["OIDC_ADMIN_GROUP_NAME"] in groups,
    }
    return RedirectResponse("/whoami")


async def whoami(request):
    return JSONResponse(request.session["person"])


pages = [Route("/login", login), Route("/callback", callback), Route("/whoami", whoami)]
app = Starlette(routes=pages, middleware=[Middleware(SessionMiddleware, secret_key="s" * 50)])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
