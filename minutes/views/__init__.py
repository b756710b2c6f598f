"""The pages of the minutes."""
