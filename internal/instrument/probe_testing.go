package instrument

import "errors"

// The frame of testing.M.Run stays on the stack, for code that reads stacks
// knows it by that name, and nothing of the engine is added. The main function
// that go test generates takes the exit code from the field.
var runProbe = Probe{
	Name:      "testing.M.Run",
	Package:   "testing",
	Records:   "when the tests of a package begin and end",
	Essential: true,
	Patch: func(p *Package) error {
		run, err := p.Function("*M", "Run")
		if err != nil {
			return err
		}
		if err := errors.Join(run.Expect("func() int"), p.Field("M", "exitCode", "int")); err != nil {
			return err
		}
		p.Import(ProbeFile, log, "internal/testlog")
		run.Wrap("leakcheckRun", `
func (m *M) Run() int {
	end := `+log+`.TestsBegin(m)
	m.exitCode = end(m.leakcheckRun())
	return m.exitCode
}`)
		return nil
	},
}

// A synctest bubble is a T of its own that has its test's name: it is no
// subtest.
var subtestProbe = Probe{
	Name:    "subtests",
	Package: "testing",
	Records: "which subtest, or which input of a fuzz target, a goroutine works for",
	Patch: func(p *Package) error {
		runner, err := p.Function("", "tRunner")
		if err != nil {
			return err
		}
		if err := errors.Join(
			runner.Named("t", "fn"),
			p.Field("common", "name", "string"),
			p.Field("common", "level", "int"),
			p.Field("common", "isSynctest", "bool"),
		); err != nil {
			return err
		}
		runner.Import(log, "internal/testlog")
		return runner.BeforeCall("fn", "if t.level > 1 && !t.isSynctest { "+log+".SubtestBegins(t.name) }")
	},
}
