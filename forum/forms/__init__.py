"""What people type in the room, its checks and its layouts."""
