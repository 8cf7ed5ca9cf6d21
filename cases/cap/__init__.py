"""CAP 1.2 (OASIS Common Alerting Protocol): how warnings come from other systems, and how ours go to them."""
