"""Every metric: its name, kind, meaning and labels. `make docs` makes the reference page of it.

Labels have few values by construction: endpoints are the registered paths, clients those of clients.yaml, everything
else a word of ours.
"""

from authserver.monitoring.counts import Counter, Histogram, Metric

REQUESTS = Counter(
    Metric(
        "authserver_requests",
        "counter",
        "requests by endpoint, client, and status; `client` is empty where a request names none, and `unknown` where "
        "clients.yaml does not have it",
        ("endpoint", "client", "status"),
    )
)
REQUEST_SECONDS = Histogram(
    Metric(
        "authserver_request_seconds",
        "histogram",
        "seconds from the arrival of the last byte of a request to its answer, waiting included; `answer` is `2xx` to "
        "`5xx`",
        ("endpoint", "answer"),
    )
)
EVENTS = Counter(Metric("authserver_events", "counter", "audit events by name", ("event",)))
SIGN_INS = Counter(Metric("authserver_sign_ins", "counter", "people who signed in, for which client", ("client",)))
SIGN_IN_REFUSALS = Counter(
    Metric("authserver_sign_in_refusals", "counter", "sign-ins that failed, by reason", ("reason",))
)
CLIENT_REFUSALS = Counter(
    Metric(
        "authserver_client_refusals",
        "counter",
        "failed client authentications by reason and client",
        ("reason", "client"),
    )
)
TOKENS = Counter(Metric("authserver_tokens", "counter", "access tokens issued", ("grant", "client")))
REFRESH_RETRIES = Counter(
    Metric(
        "authserver_refresh_retries",
        "counter",
        "replaced refresh tokens presented again in time, which got the same successor",
        ("client",),
    )
)
REPLAYS = Counter(
    Metric(
        "authserver_replays",
        "counter",
        "codes, device codes, and refresh tokens used again; each ended an authorization",
        ("kind", "client"),
    )
)
CLIENT_LOGOUTS = Counter(
    Metric(
        "authserver_client_logouts",
        "counter",
        "logout tokens by outcome (delivered, refused, abandoned) and client",
        ("outcome", "client"),
    )
)
COUNTED = (
    REQUESTS,
    REQUEST_SECONDS,
    EVENTS,
    SIGN_INS,
    SIGN_IN_REFUSALS,
    CLIENT_REFUSALS,
    TOKENS,
    REFRESH_RETRIES,
    REPLAYS,
    CLIENT_LOGOUTS,
)

# What a worker is asked for; counters among them are kept elsewhere.
QUEUE_WAITING = Metric("authserver_queue_waiting", "sum", "who waits now, by queue", ("queue",))
QUEUE_WAITS = Metric("authserver_queue_waits", "counter", "how many had to wait", ("queue",))
QUEUE_WAITED = Metric("authserver_queue_waited_seconds", "counter", "seconds that they waited", ("queue",))
QUEUE_REFUSED = Metric("authserver_queue_refused", "counter", "who waited in vain, or found a queue full", ("queue",))
POOL_IN_USE = Metric("authserver_pool_in_use", "sum", "database connections in use")
EVENTS_WAITING = Metric("authserver_events_waiting", "sum", "audit events whose rows have yet to be written")
FETCHES = Metric(
    "authserver_fetches", "counter", "key sets and metadata fetched from providers, by outcome", ("outcome",)
)
CLOCK_SKEW = Metric(
    "authserver_clock_skew_seconds", "highest", "by how much the clock of the machine differs from the database's"
)
CPU = Metric("authserver_cpu_seconds", "counter", "CPU time of the workers")
MEMORY = Metric("authserver_memory_bytes", "sum", "resident memory of the workers; what they share counts for each")
CLIENTS_INFO = Metric("authserver_clients_info", "sum", "workers by version of clients.yaml", ("version",))
CLIENTS_REFUSED = Metric("authserver_clients_refused", "highest", "1 while a newer clients.yaml is refused")
BUILD_INFO = Metric("authserver_build_info", "highest", "1, for release and Python", ("version", "python"))
KEY_AGE = Metric("authserver_key_age_seconds", "highest", "since when a signing key is in its state", ("alg", "state"))
KEY_LEFT = Metric(
    "authserver_key_left_seconds",
    "highest",
    "until when it is, as far as is known; negative if overdue",
    ("alg", "state"),
)
WORKER = (
    QUEUE_WAITING,
    QUEUE_WAITS,
    QUEUE_WAITED,
    QUEUE_REFUSED,
    POOL_IN_USE,
    EVENTS_WAITING,
    FETCHES,
    CLOCK_SKEW,
    CPU,
    MEMORY,
    CLIENTS_INFO,
    CLIENTS_REFUSED,
    BUILD_INFO,
    KEY_AGE,
    KEY_LEFT,
)

# What the database says, which one worker is asked for; every node tells the same.
OUTBOX = Metric("authserver_outbox_waiting", "highest", "jobs that wait in the outbox, 10,000 at most", ("kind",))
OUTBOX_OLDEST = Metric("authserver_outbox_oldest_seconds", "highest", "age of the oldest of them", ("kind",))
BACKLOG = Metric(
    "authserver_cleanup_backlog", "highest", "expired rows that wait to be removed, 100,000 at most", ("table",)
)
DATABASE = (OUTBOX, OUTBOX_OLDEST, BACKLOG)

# What the parent knows.
READY = Metric("authserver_ready", "highest", "1 while /readyz says 200")
CHECK = Metric("authserver_check_ok", "highest", "1 while a check of /readyz succeeds in every worker", ("check",))
WORKERS = Metric("authserver_workers", "sum", "workers by state", ("state",))
PARENT = (READY, CHECK, WORKERS)

ALL: tuple[Metric, ...] = (*(each.metric for each in COUNTED), *WORKER, *DATABASE, *PARENT)
