"""Documents to print: fonts, QR codes, and templates filled with data that the caller brings."""
