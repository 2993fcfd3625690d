package opening

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"testing"
	"time"
)

var (
	operation = flag.String("operation", "file", "file, pipe or connection")
	times     = flag.Int("times", 1, "how often")
)

// callDepth is how many calls of the test's own deep the line is that opens.
const callDepth = 10

// operations by name. Each leaves nothing open. The listener is there for
// those that want one.
var operations = map[string]func(net.Listener) error{
	"file":       file,
	"pipe":       pipe,
	"connection": connection,
}

func TestOpening(t *testing.T) {
	once := operations[*operation]
	if once == nil {
		t.Fatalf("-operation=%s: no such operation", *operation)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var took time.Duration
	deep(callDepth, func() {
		began := time.Now()
		for range *times {
			if err := once(l); err != nil {
				t.Fatal(err)
			}
		}
		took = time.Since(began)
	})
	fmt.Printf("ns for one: %.1f\n", float64(took.Nanoseconds())/float64(*times))
}

// deep calls f with depth more calls on the stack.
//
//go:noinline
func deep(depth int, f func()) {
	if depth <= 1 {
		f()
		return
	}
	deep(depth-1, f)
}

// program is a regular file: the poller does not take those.
var program, _ = os.Executable()

func file(net.Listener) error {
	f, err := os.Open(program)
	if err != nil {
		return err
	}
	return f.Close()
}

func pipe(net.Listener) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	return errors.Join(r.Close(), w.Close())
}

// connection dials, accepts and closes both ends. The first close resets the
// connection, else the ports of all that were closed would soon be used up.
func connection(l net.Listener) error {
	dialled, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		return err
	}
	accepted, err := l.Accept()
	if err != nil {
		return errors.Join(err, dialled.Close())
	}
	err = accepted.(*net.TCPConn).SetLinger(0)
	return errors.Join(err, accepted.Close(), dialled.Close())
}
