package instrument

// On Linux the probe of system calls sees every close.
var closeProbe = Probe{
	Name:    "syscall.Close",
	Package: "syscall",
	Records: "closing a descriptor that no file or connection owns",
	Systems: func(goos string) bool { return unix(goos) && !linux(goos) },
	Patch: func(p *Package) error {
		close, err := p.Function("", "Close")
		if err != nil {
			return err
		}
		if err := close.Expect("func(int) error"); err != nil {
			return err
		}
		p.Import(ProbeFile, log, "internal/testlog")
		close.Wrap("leakcheckClose", `
func Close(fd int) error {
	`+log+`.Closing(fd, 0)
	return leakcheckClose(fd)
}`)
		return nil
	},
}
