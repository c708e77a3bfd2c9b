"""Money: prices of AWS, and what things of this platform cost by them."""
