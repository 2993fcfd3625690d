package instrument

var pollProbe = Probe{
	Name:    "descriptors of package internal/poll",
	Package: "internal/poll",
	Records: "which file or connection will close a descriptor; where system calls are not recorded, also the opening and closing",
	Systems: unix,
	Patch: func(p *Package) error {
		init, err := p.Function("*FD", "Init")
		if err != nil {
			return err
		}
		if err := init.Named("fd", "_", "_", "_"); err != nil {
			return err
		}
		destroy, err := p.Function("*FD", "destroy")
		if err != nil {
			return err
		}
		if err := destroy.Named("fd", "_"); err != nil {
			return err
		}
		if err := p.Field("FD", "Sysfd", "int"); err != nil {
			return err
		}
		init.Import(log, "internal/testlog")
		init.Import(mem, "unsafe")
		init.Begin(log + ".Own(fd.Sysfd, uintptr(" + mem + ".Pointer(fd)), 0)")
		closing := log + ".Disown(fd.Sysfd, uintptr(" + mem + ".Pointer(fd)))"
		if p.GOOS() != "linux" {
			closing += "; " + log + ".Closing(fd.Sysfd, 0)"
		}
		destroy.Import(log, "internal/testlog")
		destroy.Import(mem, "unsafe")
		return destroy.BeforeCall("fd.SysFile.destroy", closing)
	},
}
