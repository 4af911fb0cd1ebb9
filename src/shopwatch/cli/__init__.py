"""The command line: words in, tables or JSON out, an exit status that means something."""
