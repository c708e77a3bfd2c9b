"""``train``: any model on the platform that trains any, and scripts of users as jobs."""
