"""The code that a job on the cluster runs, brought there from this machine."""
