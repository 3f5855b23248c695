"""The story that the network exists for, run with real parts on a local chain."""
