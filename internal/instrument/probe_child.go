package instrument

import "errors"

// Linux lists the children that nobody waited for; the probe tells where they
// were started.
var childProbe = Probe{
	Name:    "child processes",
	Package: "os",
	Records: "where a child process was started",
	Systems: linux,
	Patch: func(p *Package) error {
		start, err := p.Function("", "StartProcess")
		if err != nil {
			return err
		}
		wait, err := p.Function("*Process", "Wait")
		if err != nil {
			return err
		}
		if err := errors.Join(
			start.Expect("func(string, []string, *ProcAttr) (*Process, error)"),
			wait.Expect("func() (*ProcessState, error)"),
		); err != nil {
			return err
		}
		p.Import(ProbeFile, log, "internal/testlog")
		start.Wrap("leakcheckStartProcess", `
func StartProcess(name string, argv []string, attr *ProcAttr) (*Process, error) {
	p, err := leakcheckStartProcess(name, argv, attr)
	if err == nil {
		`+log+`.Started(p.Pid, 0)
	}
	return p, err
}`)
		wait.Wrap("leakcheckWait", `
func (p *Process) Wait() (*ProcessState, error) {
	state, err := p.leakcheckWait()
	if err == nil {
		`+log+`.Waited(state.Pid())
	}
	return state, err
}`)
		return nil
	},
}
