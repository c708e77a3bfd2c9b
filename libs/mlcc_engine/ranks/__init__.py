"""Data-parallel training: several processes of one job, a device each."""
