#!/usr/bin/env bash
# The Go binding: its surface under `go test`, and every case of the project, against an installed library.
. "$(dirname "$0")/../conformance/compare.sh"
need make:make go:golang-go pkg-config:pkg-config
build
check 'make install into a fresh prefix' make --silent install PREFIX="$work/prefix"
export PKG_CONFIG_PATH=$work/prefix/lib/pkgconfig LD_LIBRARY_PATH=$work/prefix/lib
# Nothing is fetched: the binding needs Go and nothing else. With the compiler's strictest look at what is handed to C.
export GOPROXY=off GOCACHE=$work/gocache
case $(go env GOVERSION) in
    go1.19* | go1.20*) export GODEBUG=cgocheck=2 ;;
    *) export GOEXPERIMENT=cgocheck2 ;; # from 1.21 on the other is fatal
esac
check 'gofmt' test -z "$(gofmt -l integrations/go)"
check 'go vet' bash -c "cd integrations/go && go vet ./..."
tests() { (cd integrations/go && go test -count=1 -v . | sed -E 's/^ *--- PASS: Test([A-Za-z]+).*/ok: go test: \1/; s/^ *--- FAIL: Test([A-Za-z]+).*/FAILED: go test: \1/; /^=== |^PASS|^ok  /d'); }
export -f tests
checks bash -o pipefail -c tests
check 'go build' bash -c "cd integrations/go && go build -o '$work/cases' ./cases"
quick_start go
answers "$work/cases"
closing
