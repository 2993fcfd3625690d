package instrument

// A process must be waited for or released. Linux tells which children there
// are; elsewhere nothing does, so the [os.Process] itself is tracked, which
// package os/exec starts and waits for like everybody else: who waits through
// the Process and not through the Cmd has done his duty.
var processProbe = Probe{
	Name:    "processes",
	Package: "os",
	Records: "processes that are neither waited for nor released, where the system does not list them",
	Systems: func(goos string) bool { return !linux(goos) },
	Patch:   patchProcess,
}

func patchProcess(p *Package) error {
	start, err := target(p, "", "StartProcess", "name", "argv", "attr", "_", "_")
	if err != nil {
		return err
	}
	if err := start.ReplaceCall("startProcess", "leakcheckStartProcess"); err != nil {
		return err
	}
	// Also a Wait that fails will not get better by another.
	if err := begin(p, "defer "+log+".ObjectClosed(p)", "*Process", "Wait", "p", "_", "_"); err != nil {
		return err
	}
	if err := begin(p, log+".ObjectClosed(p)", "*Process", "Release", "p", "_"); err != nil {
		return err
	}
	p.Import(ProbeFile, log, "internal/testlog")
	p.Append(`
func leakcheckStartProcess(name string, argv []string, attr *ProcAttr) (*Process, error) {
	p, err := startProcess(name, argv, attr)
	if err == nil {
		` + log + `.ObjectOpened(p, "process", leakcheckCommand(name, argv), nil, 2)
	}
	return p, err
}

// leakcheckCommand is the command line, shortened.
func leakcheckCommand(name string, argv []string) string {
	const most = 80
	line := []rune(name)
	for i, arg := range argv {
		if i > 0 && len(line) <= most {
			line = append(line, []rune(" "+arg)...)
		}
	}
	if len(line) > most {
		line = append(line[:most-1], '…')
	}
	return string(line)
}
`)
	return nil
}
