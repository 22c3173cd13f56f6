"""The simulated carrier: Twilio's Messages API, signed webhooks, phones to play with, an autopilot, and faults on demand.

A feature of the product: trainers run drills on it, newcomers play the volunteers on its page of phones, the story tests
tell whole emergencies over it. It runs as a process of its own (`python -m sms.simulated`) or inside a test
(`sms.simulated.thread.CarrierThread`). What it imitates, and from which source each behaviour is known, is told where it
is done.
"""
