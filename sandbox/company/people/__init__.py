"""Who works in the company, and what HR knows of them."""
