#!/usr/bin/env bash
# Operate a deployed environment: ./flux ops --help
cd "$(dirname "$(readlink -f "$0")")" && exec .venv/bin/python -m ops "$@"
