"""Scripts of users as jobs: the request, and all that it refers to."""
