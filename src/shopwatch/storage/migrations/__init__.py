"""The steps by which the schema grew; never edited once released."""
