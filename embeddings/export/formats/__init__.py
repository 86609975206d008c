"""One module per export format, each with `write(source, out, *, progress)`."""
