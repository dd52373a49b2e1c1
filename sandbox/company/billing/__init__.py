"""What customers buy and what they are billed."""
