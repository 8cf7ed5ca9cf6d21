"""What people without an account see: the page behind a case's code, and nothing else."""
