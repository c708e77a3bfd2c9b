"""Models of the Hub: found, uploaded in one commit, downloaded."""
