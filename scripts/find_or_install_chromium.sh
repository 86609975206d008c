#!/bin/sh
# A Chromium for the browser tests: on the PATH, else by apt-get where it may, else Playwright's own.
set -eu

found() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" && return 0
    done
    [ -n "${ROSETTE_CHROMIUM:-}" ] && [ -x "$ROSETTE_CHROMIUM" ] && echo "$ROSETTE_CHROMIUM" && return 0
    return 1
}

playwrights_own() {
    python - <<'PYTHON'
import sys
from pathlib import Path
from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    path = Path(playwright.chromium.executable_path)
print(path)
sys.exit(not path.is_file())
PYTHON
}

found && exit 0
playwrights_own && exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium with apt-get" >&2
    apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fonts-liberation >/dev/null && found && exit 0
fi
echo "Installing Chromium with Playwright" >&2
playwright install chromium && exit 0
echo "No Chromium could be had: put one on the PATH, or name it in ROSETTE_CHROMIUM." >&2
exit 1
