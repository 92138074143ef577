"""What is recorded: a function a scene, which writes one capture file."""
