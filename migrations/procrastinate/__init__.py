"""The tables of procrastinate, as its releases ship them (MIT licence, github.com/procrastinate-org/procrastinate)."""
