"""An issue's whole life: raised, triaged, discussed, referred, resolved, confirmed."""
