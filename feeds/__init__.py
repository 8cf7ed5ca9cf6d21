"""What arrives: messages, session, gateway, streams, intake, replay."""
