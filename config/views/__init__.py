"""Pages of no single room: the homes, health, the language switch, and errors."""
