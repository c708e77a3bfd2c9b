"""Values that all rooms of staging share."""
