"""`python -m explorer` is the command `rosette`."""

from explorer.cli import main

main()
