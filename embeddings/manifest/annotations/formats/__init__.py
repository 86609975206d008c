"""Annotation formats, a module each: how files of it are known, read and written."""
