// Package resources holds stand-ins for what production code opens: files,
// connections, HTTP clients and servers, databases, locks, pool leases,
// commands and mappings. What is opened through it is known to a tracker of
// package leakcheck, with its age, its owner and the line that opened it, until
// it is closed. Tests judge it like everything else; a running service shows
// its live table.
//
//	f, err := resources.Open("report.csv") // instead of os.Open
//	if err != nil {
//		return err
//	}
//	defer f.Close()
//
// Everything here is safe for production. It does not depend on package
// testing; see [SetTracking] for how it is switched off without a rebuild, and
// [SetSampling] for how to pay for one resource in a hundred.
package resources
