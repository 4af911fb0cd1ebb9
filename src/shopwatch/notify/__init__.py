"""Telling people: alerts of the outbox become messages, at least once each, and never a storm."""
