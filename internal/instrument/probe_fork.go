package instrument

// The kernel stores the descriptor of a new process in memory, so no result of
// a system call tells it.
var forkProbe = Probe{
	Name:    "process descriptors of started processes",
	Package: "syscall",
	Records: "the pidfd of a process that was started",
	Systems: linux,
	Patch: func(p *Package) error {
		fork, err := p.Function("", "forkAndExecInChild")
		if err != nil {
			return err
		}
		const signature = "func(*byte, []*byte, []*byte, *byte, *byte, *ProcAttr, *SysProcAttr, int) (int, Errno)"
		if err := fork.Expect(signature); err != nil {
			return err
		}
		if err := p.Field("SysProcAttr", "PidFD", "*int"); err != nil {
			return err
		}
		p.Import(ProbeFile, log, "internal/testlog")
		fork.Wrap("leakcheckForkAndExecInChild", `
//go:norace
func forkAndExecInChild(argv0 *byte, argv, envv []*byte, chroot, dir *byte, attr *ProcAttr, sys *SysProcAttr, pipe int) (pid int, err Errno) {
	pid, err = leakcheckForkAndExecInChild(argv0, argv, envv, chroot, dir, attr, sys, pipe)
	if err == 0 && sys.PidFD != nil && *sys.PidFD >= 0 {
		`+log+`.Opened(*sys.PidFD, 0)
	}
	return pid, err
}`)
		return nil
	},
}
