package leakcheck

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/stack"
)

// An Info says what is known of one tracked object at the moment it was
// asked for. It holds no reference to the object and never changes.
type Info struct {
	Name    string    `json:"name"`
	Kind    string    `json:"kind,omitempty"`
	Created time.Time `json:"created"` // when it was tracked; the real time also in a testing/synctest bubble
	Owner   string    `json:"owner,omitempty"`
	Stack   Stack     `json:"stack,omitzero"` // of the call to Track
}

// Age returns for how long the object has been tracked, in real time: a
// change of the system's clock does not disturb it, nor does a
// testing/synctest bubble.
func (i Info) Age() time.Duration { return clock.Wall(clock.Now()).Sub(i.Created) }

// A Stack is where an object was opened: an immutable list of calls,
// innermost first. Equal stacks compare equal. The zero Stack was not
// recorded and has no frames.
type Stack struct{ trace *stack.Trace }

// A Frame is one call of a [Stack].
type Frame struct {
	Function string `json:"function"` // with its package path
	File     string `json:"file"`     // absolute, or shortened by -trimpath
	Line     int    `json:"line"`
}

// IsZero reports whether no stack was recorded.
func (s Stack) IsZero() bool { return s.trace == nil }

// Frames returns all calls of the stack, inlined ones included. They are
// looked up on every call.
func (s Stack) Frames() []Frame { return exported(s.trace.Frames()) }

// String returns the calls of the stack, one to a line as "function file:line",
// from the user's innermost on: what this module and the standard library did
// below is left out.
func (s Stack) String() string {
	var b strings.Builder
	for _, f := range s.folded() {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(f.Function + " " + f.File + ":" + strconv.Itoa(f.Line))
	}
	return b.String()
}

// MarshalJSON gives the same calls as Frames, as a list.
func (s Stack) MarshalJSON() ([]byte, error) { return json.Marshal(s.Frames()) }

// folded returns the frames worth showing.
func (s Stack) folded() []stack.Frame { return stack.FoldStd(s.trace.Frames(), unremarkable) }

// exported converts frames to the type that users see. It never returns nil,
// so that JSON has a list.
func exported(frames []stack.Frame) []Frame {
	out := make([]Frame, len(frames))
	for i, f := range frames {
		out[i] = Frame(f)
	}
	return out
}

// module is the path of this module.
const module = "github.com/go-leakcheck/leakcheck"

// importPath is the path under which programs import this module. It is written
// so that it stays what it is in the copy that `leakcheck test` makes, where
// module is another.
const importPath = "github.com/go-leakcheck" + "/leakcheck"

// unremarkable reports whether a package is one through which somebody else
// opens things: one of this module, for its user, or one that only spells out
// system calls. Test packages are users.
func unremarkable(pkg string) bool {
	return pkg == module+"/leakcheck" || pkg == importPath+"/leakcheck" || pkg == importPath+"/resources" ||
		strings.HasPrefix(pkg, importPath+"/internal/") ||
		strings.HasPrefix(pkg, module+"/internal/") || strings.HasPrefix(pkg, "golang.org/x/sys/")
}
