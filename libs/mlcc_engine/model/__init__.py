"""Models and tokenizers: found, judged, loaded."""
