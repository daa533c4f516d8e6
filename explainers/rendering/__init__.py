"""From maps to pictures people can read."""
