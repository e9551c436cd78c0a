"""A stand-in for Stripe on one's own machine: see README.md beside this file. Never imported by the site."""
