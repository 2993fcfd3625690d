package instrument

import "fmt"

// A Probe patches one package of the standard library so that it reports what
// it opens and closes. Several probes may patch the same package: each sees
// the original source, and what they insert at one place stands in their
// order.
//
// Probes call functions of package recorder, whose name in the standard
// library is internal/testlog. A package that users import may import nothing
// else that the overlay adds: go vet, which go test runs, changes to the
// directory of every package that the tested package imports, and the
// overlay's directories do not exist.
type Probe struct {
	// Name is what the user reads when the probe is left out: "net/http
	// response bodies".
	Name string
	// Package is the import path.
	Package string
	// Records says what is recorded, for the documentation.
	Records string
	// Essential says that without this probe nothing can be checked at all.
	Essential bool
	// Systems reports whether the probe is for a system. Where it is not, it
	// is left out without a word. Nil is every system.
	Systems func(goos string) bool
	// Patch edits the package. If it returns an error, the probe is left out
	// whole, whatever it had already edited, and the error is the reason that
	// the user reads.
	Patch func(p *Package) error
}

// LeftOut is a probe that does not fit the toolchain, and why.
type LeftOut struct {
	Probe  string
	Reason string
}

// patch applies probes to the toolchain's standard library and returns the
// changed and added files by path. The error is that an essential probe does
// not fit.
func patch(probes []Probe, tc Toolchain, files userOverlay) (changed map[string][]byte, left []LeftOut, err error) {
	packages := make(map[string]*Package)
	for _, probe := range probes {
		if probe.Systems != nil && !probe.Systems(tc.GOOS) {
			continue
		}
		err := apply(probe, packages, tc, files)
		if err != nil && probe.Essential {
			return nil, nil, fmt.Errorf("leakcheck cannot work with %s: %w", tc.Version, err)
		}
		if err != nil {
			left = append(left, LeftOut{probe.Name, err.Error()})
		}
	}
	changed = make(map[string][]byte)
	for _, p := range packages {
		p.render(changed)
	}
	return changed, left, nil
}

func apply(probe Probe, packages map[string]*Package, tc Toolchain, files userOverlay) error {
	p := packages[probe.Package]
	if p == nil {
		var err error
		if p, err = load(tc, files, probe.Package); err != nil {
			return err
		}
		packages[probe.Package] = p
	}
	before := p.edits
	p.failed = nil
	err := probe.Patch(p)
	if err == nil {
		err = p.check(before)
	}
	if err != nil {
		p.edits = before
		return fmt.Errorf("%s: %w", probe.Package, err)
	}
	return nil
}

// The names under which patched files import what they need: no identifier of
// the standard library, so nothing is shadowed.
const (
	log = "leakcheck_testlog"
	mem = "leakcheck_unsafe"
)
