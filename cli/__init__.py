"""What a person types and sees.

Belongs here: the commands, what they print, what they ask of Dagster. Does not: jobs and assets (orchestration).
"""
