"""`python -m explorer` is the command `rosette`."""

from explorer.cli.main import main

main()
