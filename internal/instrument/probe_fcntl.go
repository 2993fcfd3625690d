package instrument

// The runtime makes this system call by itself, past package syscall.
var fcntlProbe = Probe{
	Name:    "internal/syscall/unix.Fcntl",
	Package: "internal/syscall/unix",
	Records: "duplicates of descriptors, as File.Dup and net.FileConn make them",
	Systems: linux,
	Patch: func(p *Package) error {
		fcntl, err := p.Function("", "Fcntl")
		if err != nil {
			return err
		}
		if err := fcntl.Expect("func(int, int, int) (int, error)"); err != nil {
			return err
		}
		p.Import(ProbeFile, log, "internal/testlog")
		p.Import(ProbeFile, "syscall", "syscall")
		fcntl.Wrap("leakcheckFcntl", `
func Fcntl(fd int, cmd int, arg int) (int, error) {
	val, err := leakcheckFcntl(fd, cmd, arg)
	if err == nil && (cmd == syscall.F_DUPFD || cmd == syscall.F_DUPFD_CLOEXEC) {
		`+log+`.Opened(val, 0)
	}
	return val, err
}`)
		return nil
	},
}
