//go:build !leakcheck_attached

package leakcheck

// variable names the environment variable with the settings.
const variable = "LEAKCHECK"

// unknownOpener is what a listing says where no stack was recorded.
const unknownOpener = "not known here: `leakcheck test` records it"
