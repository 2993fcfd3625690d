package command

import "strings"

// goFlags are the flags of go test that it keeps to itself, those of go build
// among them, and whether each takes a value. They are those of Go 1.26; a
// flag of a later release is taken for one of the tests, which goes well
// behind the packages.
var goFlags = map[string]bool{
	"C":                   true,
	"a":                   false,
	"asan":                false,
	"asmflags":            true,
	"buildmode":           true,
	"buildvcs":            false,
	"c":                   false,
	"compiler":            true,
	"cover":               false,
	"covermode":           true,
	"coverpkg":            true,
	"debug-actiongraph":   true,
	"debug-runtime-trace": true,
	"debug-trace":         true,
	"exec":                true,
	"gccgoflags":          true,
	"gcflags":             true,
	"installsuffix":       true,
	"json":                false,
	"ldflags":             true,
	"linkshared":          false,
	"mod":                 true,
	"modcacherw":          false,
	"modfile":             true,
	"msan":                false,
	"n":                   false,
	"o":                   true,
	"overlay":             true,
	"p":                   true,
	"pgo":                 true,
	"pkgdir":              true,
	"race":                false,
	"tags":                true,
	"toolexec":            true,
	"trimpath":            false,
	"vet":                 true,
	"work":                false,
	"x":                   false,
}

// testFlags are the flags that go test passes on to the tests. They may be
// written with the prefix "test." too.
var testFlags = map[string]bool{
	"artifacts":            false,
	"bench":                true,
	"benchmem":             false,
	"benchtime":            true,
	"blockprofile":         true,
	"blockprofilerate":     true,
	"count":                true,
	"coverprofile":         true,
	"cpu":                  true,
	"cpuprofile":           true,
	"failfast":             false,
	"fullpath":             false,
	"fuzz":                 true,
	"fuzzminimizetime":     true,
	"fuzztime":             true,
	"list":                 true,
	"memprofile":           true,
	"memprofilerate":       true,
	"mutexprofile":         true,
	"mutexprofilefraction": true,
	"outputdir":            true,
	"parallel":             true,
	"run":                  true,
	"short":                false,
	"shuffle":              true,
	"skip":                 true,
	"timeout":              true,
	"trace":                true,
	"v":                    false,
}

// goTestKnows reports whether a flag is one of go test's, and whether it takes
// a value, which may be the next argument.
func goTestKnows(name string) (valued, known bool) {
	if valued, known = goFlags[name]; known {
		return valued, true
	}
	valued, known = testFlags[strings.TrimPrefix(name, "test.")]
	return valued, known
}

// A flag is an argument that the go command reads as one.
type flag struct {
	name     string
	value    string
	hasValue bool // it is written behind an equal sign
}

// asFlag reads an argument as package flag does: one dash or two, and nothing
// that only consists of dashes.
func asFlag(arg string) (f flag, ok bool) {
	if strings.HasPrefix(arg, "--") {
		arg = arg[1:]
	}
	if len(arg) < 2 || arg[0] != '-' || arg[1] == '-' || arg[1] == '=' {
		return flag{}, false
	}
	f.name, f.value, f.hasValue = strings.Cut(arg[1:], "=")
	return f, true
}

// makesVerbose reports whether with f go test shows what tests log that pass.
func (f flag) makesVerbose() bool {
	switch f.name {
	case "v", "test.v", "json":
	default:
		return false
	}
	switch f.value {
	case "0", "f", "F", "false", "FALSE", "False":
		return false
	}
	return true
}

// splitGOFLAGS reads the variable GOFLAGS: flags between spaces, each quoted as
// a whole or not at all. What is no flag is left to go test to complain about.
func splitGOFLAGS(s string) []flag {
	var flags []flag
	for s = strings.TrimLeft(s, space); s != ""; s = strings.TrimLeft(s, space) {
		var word string
		if quote := s[:1]; quote == `"` || quote == `'` {
			word, s, _ = strings.Cut(s[1:], quote)
		} else {
			end := strings.IndexAny(s+" ", space)
			word, s = s[:end], s[end:]
		}
		if f, ok := asFlag(word); ok {
			flags = append(flags, f)
		}
	}
	return flags
}

const space = " \t\n\r"
