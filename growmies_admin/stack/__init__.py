"""What ./dev does: the environment, embedded servers, supervisor, checks. No Django here."""
