package instrument

// The standard library dials on goroutines of its own where a host has
// addresses of both families, and for every connection of an HTTP client.
// These probes carry the stack of who asked over to them.

var dialProbe = Probe{
	Name:    "who dials a host with IPv4 and IPv6 addresses",
	Package: "net",
	Records: "on whose behalf package net dials on a goroutine of its own",
	Patch: func(p *Package) error {
		parallel, err := p.Function("*sysDialer", "dialParallel")
		if err != nil {
			return err
		}
		if err := parallel.Named("sd", "_", "_", "fallbacks", "_", "_"); err != nil {
			return err
		}
		serial, err := p.Function("*sysDialer", "dialSerial")
		if err != nil {
			return err
		}
		if err := serial.Named("sd", "_", "_", "_", "_"); err != nil {
			return err
		}
		parallel.Import(log, "internal/testlog")
		parallel.Begin("if len(fallbacks) > 0 { " + log + ".HandOver(sd, 0); defer " + log + ".Forget(sd) }")
		serial.Import(log, "internal/testlog")
		serial.Begin(log + ".TakeOver(sd)")
		return nil
	},
}

var httpDialProbe = Probe{
	Name:    "who makes an HTTP client connect",
	Package: "net/http",
	Records: "on whose behalf a client's Transport dials on a goroutine of its own",
	Patch: func(p *Package) error {
		queue, err := p.Function("*Transport", "queueForDial")
		if err != nil {
			return err
		}
		if err := queue.Named("_", "w"); err != nil {
			return err
		}
		dial, err := p.Function("*Transport", "dialConnFor")
		if err != nil {
			return err
		}
		if err := dial.Named("_", "w"); err != nil {
			return err
		}
		queue.Import(log, "internal/testlog")
		queue.Begin(log + ".HandOver(w, 0)")
		dial.Import(log, "internal/testlog")
		dial.Begin(log + ".TakeOver(w); " + log + ".Forget(w)")
		return nil
	},
}

var httptestProbe = Probe{
	Name:    "who starts an httptest server",
	Package: "net/http/httptest",
	Records: "on whose behalf a test server accepts connections",
	Patch: func(p *Package) error {
		serve, err := p.Function("*Server", "goServe")
		if err != nil {
			return err
		}
		if err := serve.Named("s"); err != nil {
			return err
		}
		if err := p.Field("Server", "Config", "*http.Server"); err != nil {
			return err
		}
		serve.Import(log, "internal/testlog")
		serve.Begin(log + ".HandOver(s.Config, 0)")
		return nil
	},
}

var httpServeProbe = Probe{
	Name:    "HTTP servers started by httptest",
	Package: "net/http",
	Records: "on whose behalf a test server accepts connections",
	Patch: func(p *Package) error {
		serve, err := p.Function("*Server", "Serve")
		if err != nil {
			return err
		}
		if err := serve.Named("s", "_", "_"); err != nil {
			return err
		}
		serve.Import(log, "internal/testlog")
		serve.Begin(log + ".TakeOver(s); " + log + ".Forget(s)")
		return nil
	},
}

// creatorProbe never fails: package recorder is linked to the function that it
// adds. Where the runtime does not keep the address it is 0.
var creatorProbe = Probe{
	Name:    "go statements",
	Package: "runtime",
	Records: "which go statement started a goroutine of the standard library, such as a server's",
	Patch: func(p *Package) error {
		address := "getg().gopc"
		if p.Field("g", "gopc", "uintptr") != nil {
			address = "0"
		}
		p.Import(ProbeFile, "_", "unsafe") // for go:linkname
		p.Append("//go:linkname leakcheckCreator\nfunc leakcheckCreator() uintptr { return " + address + " }")
		return nil
	},
}
