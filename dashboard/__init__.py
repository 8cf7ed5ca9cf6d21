"""What people see: pages arrange panels; a panel is one file."""
