"""What an environment needs of its AWS account, and what is there: one file for each kind of thing."""
