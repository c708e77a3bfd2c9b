"""Models of the Hub: one commit of a repository, looked at before anything is downloaded."""
