"""The schema's steps, oldest first; a released step never changes."""
