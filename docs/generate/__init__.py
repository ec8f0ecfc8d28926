"""`make docs`: what of docs/ is derived from templates and files, and so never written by hand."""
