//go:build !linux && !darwin

package resources

import "errors"

// descriptors returns an error: there is no table of descriptors here.
func descriptors() (open int, limit uint64, err error) {
	return 0, 0, errors.New("not supported on this system; Linux and macOS tell")
}
