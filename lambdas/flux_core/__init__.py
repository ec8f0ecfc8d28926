"""What Flux's functions share. Every module stands alone, so that a function's bundle holds only what it imports."""
