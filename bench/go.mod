module github.com/go-leakcheck/leakcheck/bench

go 1.26.0

require (
	github.com/go-leakcheck/leakcheck v0.0.0
	github.com/go-openapi/testify/v2 v2.8.0
	github.com/prometheus/procfs v0.23.0
	go.uber.org/goleak v1.3.1-0.20260915222441-b656bfda2fbf
)

require golang.org/x/sys v0.49.0 // indirect

replace github.com/go-leakcheck/leakcheck => ../
