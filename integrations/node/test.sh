#!/usr/bin/env bash
# The Node binding: its surface, and every case of the project, against the shared library.
. "$(dirname "$0")/../conformance/compare.sh"
need make:make node:nodejs npm:npm
build
# A package of its own outside of the checkout: what npm installs stays there.
cp integrations/node/*.mjs integrations/node/package.json "$work"
check 'npm install' npm install --prefix "$work" --no-package-lock --no-audit --no-fund --loglevel=error
export COUNTERMARK_LIBRARY=$shared
checks node --expose-gc "$work/surface.mjs"
quick_start node
answers node "$work/cases.mjs"
closing
