"""The parts of the platform; each imports what it needs when it is asked."""
