"""Where things are and who answers for them: provinces, localities, authorities, working days."""
