"""Money: charges, the part of a platform that prices them, and what stands and costs."""
