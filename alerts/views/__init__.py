"""The pages of alerts: a person's own, making one, and those that links in mails open."""
