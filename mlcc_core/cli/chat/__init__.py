"""``mlcc chat``: what is typed, what is shown."""
