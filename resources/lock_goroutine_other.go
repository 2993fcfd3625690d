//go:build !gc || !(amd64 || arm64) || leakcheck_noasm

package resources

const readsG = false

func wordOfG(offset uintptr) uint64 { return 0 }
