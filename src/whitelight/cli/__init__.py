"""The command line: a thin rim. Each command parses, calls one function and prints; nothing imports this room."""
