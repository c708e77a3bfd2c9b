"""Data-parallel training: several processes of one job on this machine, a device each."""
