"""The pages of the admin where staff work on guides, beside the lists and forms of careers.admin."""
