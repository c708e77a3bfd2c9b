"""The parts of the command line that plugins add to: their commands and their options."""
