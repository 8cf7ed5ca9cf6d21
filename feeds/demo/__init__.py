"""The demo day: an invented town's reports, its walking grid workers, its staff and its past."""
