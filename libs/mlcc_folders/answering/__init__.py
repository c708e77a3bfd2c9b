"""Answers to the rows of an evaluation: subjects found, and asked in processes of their own."""
