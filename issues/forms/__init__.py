"""What people typed about an issue, and its checks."""
