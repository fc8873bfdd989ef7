#!/bin/sh
# Fetches the two collections that the simulation draws its browsers from, into quality/data (ignored by git).
set -eu
cd "$(dirname "$0")"
mkdir -p data
cd data
rm -rf work && mkdir work && cd work
npm pack --silent user-agents@2.1.198 >/dev/null
tar -xzf user-agents-*.tgz
gzip -nc package/dist/user-agents.json >../user-agents-2.1.198.json.gz
pip download --quiet --no-deps --no-binary :none: apify-fingerprint-datapoints==0.15.0
mkdir -p ../0.15.0
unzip -ojq apify_fingerprint_datapoints-*.whl '*-network-definition.zip' -d ../0.15.0
cd .. && rm -rf work
ls -l . 0.15.0
