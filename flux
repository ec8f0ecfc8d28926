#!/usr/bin/env bash
# Operate a deployed environment: ./flux --help
cd "$(dirname "$(readlink -f "$0")")" && exec .venv/bin/python -m ops "$@"
