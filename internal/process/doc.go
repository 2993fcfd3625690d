// Package process lists what a process can leave behind besides descriptors
// and goroutines: child processes nobody waited for and file mappings nobody
// unmapped.
//
// Listing is for Linux, where procfs tells both. Elsewhere every function
// answers "nothing", with a nil error. What decides is pure: [DiffChildren]
// and [DiffMappings] work on values, the parsers on text.
package process
