"""The request of a job on the cluster, and all that it refers to."""
