"""Jobs that exist: created, described, gone on with, stopped, removed."""
