"""Weights before they are imported: found, judged, merged, put where Bedrock reads them."""
