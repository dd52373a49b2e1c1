"""What the teams work on: issues, sprints, sites."""
