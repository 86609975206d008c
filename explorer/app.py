"""The Dash app over one workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dash import Dash

from explorer import images
from explorer.components.frame import frame
from explorer.pages.splits.layout import splits_layout
from explorer.pages.splits.view import splits_view
from explorer.services import KEY, Services, services

INDEX = """<!DOCTYPE html>
<html lang="en">
<head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}
<script src="/assets/theme.js"></script></head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""


def assets_folder() -> Path:
    """Return the folder of CSS and JavaScript: inside the wheel, or beside the package."""
    inside = Path(__file__).parent / "assets"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "assets"


def create_app(given: Services) -> Dash:
    """Make the app. Several may live in one process: none keeps anything outside itself."""
    app = Dash(
        __name__,
        title=f"Splits · {given.dataset.workspace.name} · Rosette",
        assets_folder=str(assets_folder()),
        index_string=INDEX,
        assets_ignore="theme.js",  # the page's head has it, before anything is drawn
        update_title="",
        serve_locally=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.server.extensions[KEY] = given
    with app.server.app_context():  # Dash looks at a layout when it is given one
        app.layout = _layout
    images.register(app.server)
    return app


def _layout() -> Any:
    dataset = services().dataset
    model = dataset.workspace.info.model
    page = splits_layout(splits_view(dataset), dataset.run_id)
    return frame(dataset.workspace.name, model.name if model else "", page)
