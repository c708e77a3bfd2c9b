"""Text for a terminal: its colours, lines that fit its width, tables that fit it."""
