#!/usr/bin/env bash
# The Python binding: its surface, and every case of the project, against the shared library.
. "$(dirname "$0")/../conformance/compare.sh"
need make:make python3:python3
build
export COUNTERMARK_LIBRARY=$shared PYTHONDONTWRITEBYTECODE=1
checks python3 integrations/python/surface.py
quick_start python
answers python3 integrations/python/cases.py
closing
