"""Reports in the browser: what may be made, how it will read, and its files; plain HTML, no script."""
