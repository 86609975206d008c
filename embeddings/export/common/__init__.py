"""What the export formats share: sources, scopes, decisions applied, names, folders, sprites."""
