"""Bedrock's Custom Model Import: tuned models served without an endpoint, and asked by name."""
