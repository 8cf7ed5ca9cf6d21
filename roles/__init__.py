"""One module a role: `async run(room, stop, ready)` serves until `stop` and says when it is up."""
