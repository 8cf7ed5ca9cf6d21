"""The rules: pure Python; time, identity and place are arguments."""
