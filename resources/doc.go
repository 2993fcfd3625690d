// Package resources will hold tracked stand-ins for what production code
// opens: files, connections, locks, pools. It is empty so far; objects can be
// tracked with leakcheck.Track.
package resources
