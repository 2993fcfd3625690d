package instrument

// Only the main package that go test generates imports testdeps, so that the
// engine is linked into every test and nothing that users import depends on it.
var engineProbe = Probe{
	Name:      "the leak checker itself",
	Package:   "testing/internal/testdeps",
	Records:   "nothing: it links the leak checker into the test",
	Essential: true,
	Patch: func(p *Package) error {
		p.Import(ProbeFile, "_", enginePath)
		return nil
	},
}
