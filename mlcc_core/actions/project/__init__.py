"""Projects made, and the catalog that they see."""
