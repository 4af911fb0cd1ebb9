"""Spending money, with rails that hold: the guard decides, the ledger remembers, the buyer clicks once."""
