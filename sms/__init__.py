"""The wire: contacts, outbox, sender, gateways, webhooks, inbox, segments, simulated carrier. Knows no incident."""
