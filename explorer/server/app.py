"""The Dash app over one workspace."""

from __future__ import annotations

from dataclasses import replace

from dash import Dash

from explorer import api
from explorer.components import assets_folder, frame
from explorer.data import KEY, Services, newest_services
from explorer.security import Policy, protect
from explorer.server import malformed, request_log, router
from explorer.server.mount import MountedDash, without_settings_of_dash

INDEX = """<!DOCTYPE html>
<html lang="en" data-prefix="{prefix}">
<head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}
<script src="/assets/theme.js"></script></head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""


def create_app(given: Services, policy: Policy | None = None) -> Dash:
    """Make the app. Several may live in one process: none keeps anything outside itself.

    ``policy`` says who may do what; by default whoever is on this machine may do everything.
    """
    with without_settings_of_dash():
        app = _dash(given)
    policy = policy or Policy()
    app.server.extensions[KEY] = replace(
        given, read_only=policy.read_only, has_door=policy.token is not None
    )
    with app.server.app_context():  # Dash looks at a layout when it is given one
        app.layout = lambda: frame(newest_services())
    for part in (request_log, api):
        part.register(app.server)
    router.register(app)
    malformed.register(app)
    protect(app.server, policy, app.csp_hashes())
    return app


def _dash(given: Services) -> MountedDash:
    return MountedDash(
        __name__,
        title=f"{given.dataset.workspace.name} · Rosette",
        assets_folder=str(assets_folder()),
        index_string=INDEX,
        # the page's head has the one, before anything is drawn; the others are of a page before it
        assets_ignore=r"theme\.js|waiting\.(js|css)",
        update_title="",
        serve_locally=True,
        suppress_callback_exceptions=True,  # pages come and go
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
