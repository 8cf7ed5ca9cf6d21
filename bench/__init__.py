"""The measurements: `python -m bench NAME --json`."""
