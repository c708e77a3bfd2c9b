"""Evaluators that are files of this machine, and the judges that read a prompt."""
