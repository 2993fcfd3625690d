// Package opening has a test that opens and closes something many times over
// and prints how long once took.
package opening
