module github.com/go-leakcheck/leakcheck/bench

go 1.26.0

require (
	github.com/go-leakcheck/leakcheck v0.0.0
	github.com/go-openapi/testify/v2 v2.8.0
	github.com/jackc/puddle/v2 v2.2.2
	github.com/prometheus/procfs v0.23.0
	go.uber.org/goleak v1.3.1-0.20260915222441-b656bfda2fbf
	modernc.org/sqlite v1.55.0
)

require (
	github.com/dustin/go-humanize v1.0.1 // indirect
	github.com/google/pprof v0.0.0-20260906184651-6331bc6350fe // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/ncruces/go-strftime v1.0.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	modernc.org/libc v1.74.1 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.11.0 // indirect
)

replace github.com/go-leakcheck/leakcheck => ../
