package instrument

var exitProbe = Probe{
	Name:    "os.Exit",
	Package: "os",
	Records: "that the program exits, with which code",
	Patch: func(p *Package) error {
		exit, err := p.Function("", "Exit")
		if err != nil {
			return err
		}
		if err := exit.Named("code"); err != nil {
			return err
		}
		exit.Import(log, "internal/testlog")
		return exit.BeforeCall("runtime_beforeExit", "code = "+log+".ExitCode(code)")
	},
}
