"""Every endpoint of an application, asked of the application itself."""

from authserver.pages.app import App

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "B\xe9D")


def endpoints(app: App) -> list[tuple[str, str]]:
    """Method and path of everything that it answers; the variable parts of a path are in <>."""
    machines = {
        (method, path.replace("{", "<").replace("}", ">"))
        for path, endpoint in app.endpoints.items()
        for method in endpoint.methods
    }
    pages = {(method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    return sorted(machines | pages)


def refused_methods(app: App) -> list[tuple[str, str]]:
    """Method and path of what should be refused."""
    answered = set(endpoints(app))
    return [
        (method, path)
        for path in sorted({path for _, path in answered})
        for method in METHODS
        if (method, path) not in answered
    ]
