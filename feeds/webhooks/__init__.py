"""Webhooks out: what happened, told to other systems in order, at least once, each receiver by itself."""
