"""The words of the product and their rules, pure: standard library only."""
