"""An environment on one page, made from AWS alone: what is live, what is wrong, what is kept of what was promised."""
