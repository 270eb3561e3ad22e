"""A site on Flask-AppBuilder that signs in as Superset does; Superset's security manager is one of these."""

import sys
from pathlib import Path
from types import ModuleType

from flask import Flask, g, jsonify
from flask_appbuilder import AppBuilder
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.utils.legacy import get_sqla_class

superset = ModuleType("superset.security")
superset.SupersetSecurityManager = SecurityManager
sys.modules |= {"superset": ModuleType("superset"), "superset.security": superset}

app = Flask(__name__)
app.config.update(SECRET_KEY="s" * 50, SQLALCHEMY_DATABASE_URI="sqlite:///site.sqlite")
app.config.from_pyfile(str(Path("configuration").absolute()))
db = get_sqla_class()(app)
with app.app_context():
    appbuilder = AppBuilder(app, db.session, security_manager_class=app.config["CUSTOM_SECURITY_MANAGER"])
    appbuilder.sm.add_role("Gamma")


@app.get("/whoami")
def whoami():
    user = g.user
    return jsonify(
        username=user.username,
        email=user.email,
        name=f"{user.first_name} {user.last_name}",
        roles=sorted(role.name for role in user.roles),
    )


app.run("127.0.0.1", int(sys.argv[1]))
