// Package empty has tests that do nothing, to time what a judge adds to one.
package empty
