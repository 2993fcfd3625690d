# make demo    a sample package that leaks, and the listing
# make test    all tests; FLAGS adds flags of go test, PACKAGES chooses some
# make bench   the cost, beside its peers, measured in one run
# make lint    format, vet, staticcheck, and every supported system
# make cover   test coverage
# make tidy    go.mod and go.sum of all modules

GO          ?= go
FLAGS       ?=
PACKAGES    ?= ./...
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
SYSTEMS     ?= linux darwin freebsd windows

.PHONY: all lint build test portable demo bench cover tidy

all: lint test

build:
	$(GO) build ./...

test:
	$(GO) test -timeout 30m $(FLAGS) $(PACKAGES)

# The stand-ins for what is linked to the runtime by name.
portable:
	$(GO) test -tags leakcheck_nolinkname ./internal/goroutine ./internal/stack ./leakcheck

lint:
	@unformatted=$$(gofmt -l .); \
		if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	for os in $(SYSTEMS); do GOOS=$$os $(GO) vet ./... || exit 1; done
	cd bench && $(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	@if $(GO) list -deps ./leakcheck ./resources | grep -x testing; then \
		echo "leakcheck and resources must not link package testing"; exit 1; fi

# The sample fails: that is what it is for.
demo:
	@sh testdata/demo/run.sh

bench:
	cd bench && $(GO) run .

cover:
	$(GO) test -coverpkg=./leakcheck,./internal/... -coverprofile=cover.out ./...
	$(GO) tool cover -func=cover.out | tail -n 1

tidy:
	$(GO) mod tidy
	cd bench && $(GO) mod tidy
