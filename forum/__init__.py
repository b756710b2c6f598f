"""Who meets where and when, and who came: forums, sessions, invitations, attendance."""
