"""Scripts of users, run as jobs: the spec, the report, the part of a platform that runs them."""
