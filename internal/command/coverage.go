package command

import (
	"fmt"
	"os/exec"
	"strings"
)

// coverPatterns are the packages of -coverpkg, from the command line or else
// from GOFLAGS.
func (in invocation) coverPatterns(goflags []flag) []string {
	list := ""
	for _, f := range goflags {
		if f.name == "coverpkg" {
			list = f.value
		}
	}
	if in.coverpkg != nil {
		list = *in.coverpkg
	}
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

// checkCoverage refuses to count the coverage of the standard library: the go
// command does that with the files of GOROOT, so what records there would be
// left out of the build.
func (p plan) checkCoverage() error {
	patterns := p.coverPatterns(p.goflags)
	if len(patterns) == 0 {
		return nil
	}
	args := append([]string{"list"}, p.chdir...)
	args = append(args, "-e", "-f", "{{if .Standard}}{{.ImportPath}}{{end}}", "--")
	out, err := exec.Command(p.goCommand, append(args, patterns...)...).Output()
	if err != nil {
		return nil // go test will say what is wrong with the patterns
	}
	standard := strings.Fields(string(out))
	if len(standard) == 0 {
		return nil
	}
	return fmt.Errorf("-coverpkg=%s has %s of the standard library in it, of which leakcheck builds a recording copy that the go command cannot count the coverage of: name packages of modules, as -coverpkg=./... does",
		strings.Join(patterns, ","), count(len(standard), "package"))
}
