"""Shopwatch: watches shops for stock, and keeps store directories."""
