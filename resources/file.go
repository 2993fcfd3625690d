package resources

import (
	"bufio"
	"errors"
	"io"
	"iter"
	"os"
	"strings"
)

// A File is an [os.File] that is tracked from its opening to its Close. It does
// all that an os.File does, at the same speed: copies to and from it take the
// kernel's short cuts. Where an *os.File itself is wanted, as the standard
// output of a command, pass the field File; to close that field leaves the File
// tracked, so close the File.
//
// Its kind is file, or pipe, and how it was opened: file:r to read, file:w to
// write, file:rw for both, file:a to append, file where that is not known. Its
// name is the path as it was given.
type File struct {
	*os.File
	handle
}

// Open is [os.Open], tracked.
func Open(name string, opts ...Option) (*File, error) {
	f, err := os.Open(name)
	return opened(f, err, "file:r", opts)
}

// Create is [os.Create], tracked.
func Create(name string, opts ...Option) (*File, error) {
	f, err := os.Create(name)
	return opened(f, err, "file:rw", opts)
}

// OpenFile is [os.OpenFile], tracked.
func OpenFile(name string, flag int, perm os.FileMode, opts ...Option) (*File, error) {
	f, err := os.OpenFile(name, flag, perm)
	return opened(f, err, fileKind(flag), opts)
}

// CreateTemp is [os.CreateTemp], tracked. As there, removing the file is up to
// the caller.
func CreateTemp(dir, pattern string, opts ...Option) (*File, error) {
	f, err := os.CreateTemp(dir, pattern)
	return opened(f, err, "file:rw", opts)
}

// NewFile is [os.NewFile], tracked: it returns nil if fd is not a valid
// descriptor.
func NewFile(fd uintptr, name string, opts ...Option) *File {
	f := os.NewFile(fd, name)
	if f == nil {
		return nil
	}
	return track(f, "file", opts)
}

// WrapFile tracks a file that is open already. The error is not nil if f is.
func WrapFile(f *os.File, opts ...Option) (*File, error) {
	if f == nil {
		return nil, errors.New("resources: tracking a file: it is nil; pass the *os.File that was opened")
	}
	return track(f, "file", opts), nil
}

// Pipe is [os.Pipe], with both ends tracked.
func Pipe(opts ...Option) (r, w *File, err error) {
	pr, pw, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	return track(pr, "pipe:r", opts), track(pw, "pipe:w", opts), nil
}

// opened tracks what a function of package os returned.
func opened(f *os.File, err error, kind string, opts []Option) (*File, error) {
	if err != nil {
		return nil, err
	}
	return track(f, kind, opts), nil
}

// accessMode is the part of a flag that says what a file is opened for.
const accessMode = os.O_RDONLY | os.O_WRONLY | os.O_RDWR

// fileKind is the kind of a file opened with a flag.
func fileKind(flag int) string {
	switch {
	case flag&os.O_APPEND != 0:
		return "file:a"
	case flag&accessMode == os.O_RDWR:
		return "file:rw"
	case flag&accessMode == os.O_WRONLY:
		return "file:w"
	}
	return "file:r"
}

func track(f *os.File, kind string, opts []Option) *File {
	tracked := &File{File: f}
	tracked.open(tracked, f, f.Name(), kind, opts)
	return tracked
}

// Close closes the file and ends its tracking, whatever the error. A second
// Close returns [os.ErrClosed] as that of an os.File does.
func (f *File) Close() error {
	if f == nil || f.File == nil {
		return os.ErrInvalid
	}
	err := f.File.Close()
	f.close(f, err)
	return err
}

// ReadFrom is that of [os.File], which lets the kernel copy where the type of r
// allows it.
func (f *File) ReadFrom(r io.Reader) (int64, error) { return readFrom(f.File, r) }

// Lines iterates over the lines that are left to read, without their ends of
// line, "\n" or "\r\n", of any length. An error other than [io.EOF] comes last,
// with what was read of the line. What the iteration has read ahead when it is
// left early is not read again.
func (f *File) Lines() iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		r := bufio.NewReader(f.File)
		for {
			line, err := r.ReadString('\n')
			ended := err != nil
			if err == io.EOF {
				err = nil
			}
			if ended && line == "" && err == nil {
				return
			}
			line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
			if !yield(line, err) || ended {
				return
			}
		}
	}
}
