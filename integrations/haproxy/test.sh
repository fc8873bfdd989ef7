#!/usr/bin/env bash
# The authorization service behind a real HAProxy.
set -euo pipefail
exec bash "$(dirname "$0")/../authz/test.sh" haproxy
