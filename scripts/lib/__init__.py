"""What the commands are made of. The modules imported before the environment is installed need the standard library only."""
