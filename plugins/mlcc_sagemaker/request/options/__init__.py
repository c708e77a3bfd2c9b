"""Flags about the surroundings of a job: who is told, who pays, keys, network, time."""
