package resources

import (
	"io"
	"os"
)

// readFrom lets dst read from r. Packages os and net ask for the concrete types
// of their own before they let the kernel copy, so what a stand-in stands for
// is what they get.
func readFrom(dst io.ReaderFrom, r io.Reader) (int64, error) {
	switch r := r.(type) {
	case plainReader:
		return dst.ReadFrom(r.plainReader())
	case *io.LimitedReader:
		tracked, ok := r.R.(plainReader)
		if !ok {
			break
		}
		plain := &io.LimitedReader{R: tracked.plainReader(), N: r.N}
		defer func() { r.N = plain.N }()
		return dst.ReadFrom(plain)
	}
	return dst.ReadFrom(r)
}

// A plainReader is a stand-in for something that the kernel can copy from.
type plainReader interface{ plainReader() io.Reader }

func (f *File) plainReader() io.Reader {
	if f == nil {
		return (*os.File)(nil)
	}
	return f.File
}

func (c *TCPConn) plainReader() io.Reader  { return c.TCPConn }
func (c *UnixConn) plainReader() io.Reader { return c.UnixConn }
