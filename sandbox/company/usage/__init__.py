"""Who uses the products: events, devices, cohorts."""
