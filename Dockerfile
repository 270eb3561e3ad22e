FROM python:3.11-slim-trixie AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY authserver authserver
COPY migrations migrations
COPY compose.yaml ./
COPY deploy deploy
RUN python3 -m venv /opt/build && python3 -m venv /opt/authserver
RUN /opt/build/bin/pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .
RUN /opt/authserver/bin/pip install --no-cache-dir --constraint constraints.txt /wheels/authserver-*.whl
# An environment needs no installer to run, and compiled modules start faster.
RUN /opt/authserver/bin/python -m compileall -q /opt/authserver/lib && /opt/authserver/bin/pip uninstall --yes --quiet pip setuptools

FROM python:3.11-slim-trixie
# pg_dump, pg_restore, and psql, for `authserver backup` and `restore`: those of PostgreSQL 17, as in compose.yaml.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /srv/authserver --shell /usr/sbin/nologin authserver
RUN install --directory --owner=authserver --group=authserver /srv/authserver /srv/authserver/data && install --directory /etc/authserver
COPY --from=build /opt/authserver /opt/authserver
ENV PATH=/opt/authserver/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AUTHSERVER_HOST=0.0.0.0 \
    AUTHSERVER_MONITORING_HOST=0.0.0.0 \
    AUTHSERVER_MONITORING_PORT=9464 \
    AUTHSERVER_CLIENTS_FILE=/etc/authserver/clients.yaml \
    AUTHSERVER_KEYS_DIR=/srv/authserver/data/keys
# Not in the environment, which would stand before what the `.env` of a pod says.
RUN echo 'AUTHSERVER_DATABASE_URL=sqlite:////srv/authserver/data/authserver.db' > /srv/authserver/.env
WORKDIR /srv/authserver
USER authserver
EXPOSE 8080 9464
VOLUME /srv/authserver/data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['AUTHSERVER_MONITORING_PORT'] + '/healthz', timeout=3)"]
CMD ["authserver", "serve"]
