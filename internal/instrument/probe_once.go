package instrument

import "errors"

// What a package-level sync.Once does is done once for the process, and the
// test that happens to come first is not to blame. While it runs, the goroutine
// has the mark of no test but of the process.
var onceProbe = Probe{
	Name:    "what is begun once for the process",
	Package: "sync",
	Records: "nothing: what a package-level Once opens or starts is marked as the process's",
	Patch: func(p *Package) error {
		slow, err := p.Function("*Once", "doSlow")
		if err != nil {
			return err
		}
		if err := slow.Expect("func(func())"); err != nil {
			return err
		}
		p.Import(ProbeFile, "unsafe", "unsafe")
		slow.Wrap("leakcheckDoSlow", `
// leakcheckLabels is internal/runtime/pprof/label.Set.
type leakcheckLabels struct{ list []struct{ key, value string } }

var leakcheckProcess = leakcheckLabels{[]struct{ key, value string }{{"`+labelKey+`", "process"}}}

//go:linkname leakcheckLabel runtime/pprof.runtime_getProfLabel
func leakcheckLabel() unsafe.Pointer

//go:linkname leakcheckSetLabel runtime/pprof.runtime_setProfLabel
func leakcheckSetLabel(unsafe.Pointer)

//go:linkname leakcheckGlobal runtime.leakcheckGlobal
func leakcheckGlobal(unsafe.Pointer) bool

func (o *Once) doSlow(f func()) {
	if old := leakcheckLabel(); old != nil && leakcheckGlobal(unsafe.Pointer(o)) {
		leakcheckSetLabel(unsafe.Pointer(&leakcheckProcess))
		defer leakcheckSetLabel(old)
	}
	o.leakcheckDoSlow(f)
}`)
		return nil
	},
}

// globalProbe never fails: package sync is linked to the function that it
// adds. Where the runtime does not say where variables are, none is global.
var globalProbe = Probe{
	Name:    "package-level variables",
	Package: "runtime",
	Records: "nothing: it tells package-level variables from others",
	Patch: func(p *Package) error {
		var missing error
		for _, field := range []string{"data", "edata", "bss", "ebss", "noptrdata", "enoptrdata", "noptrbss", "enoptrbss"} {
			missing = errors.Join(missing, p.Field("moduledata", field, "uintptr"))
		}
		within := `
	a := uintptr(p)
	for md := &firstmoduledata; md != nil; md = md.next {
		if md.data <= a && a < md.edata || md.bss <= a && a < md.ebss ||
			md.noptrdata <= a && a < md.enoptrdata || md.noptrbss <= a && a < md.enoptrbss {
			return true
		}
	}`
		if missing != nil {
			within = ""
		}
		p.Import(ProbeFile, mem, "unsafe")
		p.Append("//go:linkname leakcheckGlobal\nfunc leakcheckGlobal(p " + mem + ".Pointer) bool {" + within + "\n\treturn false\n}")
		return nil
	},
}
