"""Our bot on Telegram: what people write to it, and what it answers."""
