"""Discord's REST v10, one module for each kind of thing."""
