"""A Django site with allauth, and one page that says who is signed in."""

import sys
from pathlib import Path
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.contrib.auth import login  # noqa: F401 - imported before the settings are there, as a site would
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

document: dict[str, object] = {}
exec(Path("configuration").read_text(encoding="utf-8"), document)
APPS = ("auth", "contenttypes", "sessions", "messages")
settings.configure(
    SECRET_KEY="s" * 50,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite"}},
    INSTALLED_APPS=[
        *(f"django.contrib.{name}" for name in APPS),
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    SOCIALACCOUNT_LOGIN_ON_GET=True,
    LOGIN_REDIRECT_URL="/whoami",
    SOCIALACCOUNT_PROVIDERS=document["SOCIALACCOUNT_PROVIDERS"],
)
django.setup()


def whoami(request: HttpRequest) -> JsonResponse:
    user = request.user
    uid = user.socialaccount_set.get().uid
    return JsonResponse({"sub": uid, "username": user.username, "email": user.email, "first_name": user.first_name})


urlpatterns = [path("accounts/", include("allauth.urls")), path("whoami", whoami)]
if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application()).serve_forever()
