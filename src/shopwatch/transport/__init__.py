"""How the product talks to sites over HTTP: politely, within one budget per host, and never in disguise."""
