"""``mlcc train``: any model, and scripts of users."""
