"""The doors of CAP: warnings of other systems by HTTP and by file, into the one desk."""
