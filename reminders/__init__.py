"""The ladder: what the authorities, their superiors and the organizations are told, and when."""
