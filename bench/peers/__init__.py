"""What functions of Flux are measured against: the same work on the libraries that most would take."""
