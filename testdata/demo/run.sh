#!/bin/sh
# Runs the leaking sample under the command and explains what it prints.
cat <<'TEXT'
TestExport passes every check of its own, and leaks one thing of each kind.
leakcheck fails it. The failure below is the point:

TEXT
${GO:-go} run ./cmd/leakcheck test -count=1 ./testdata/demo
if [ $? -ne 1 ]; then
	echo "demo: the leaks were not caught" >&2
	exit 1
fi
cat <<'TEXT'

held: still open after a garbage collection, something refers to it.
lost: dropped without Close; only a collection closed it.
The first line behind "opened by" is the one that forgot to close it.
TEXT
