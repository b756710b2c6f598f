"""People, the organizations they speak for, their roles, and signing in."""
