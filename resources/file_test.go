package resources_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

func TestFilesAreTrackedUntilClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	one := func(f *resources.File, err error) (io.Closer, error) { return f, err }
	for _, c := range []struct {
		what, kind string
		open       func(resources.Option) (io.Closer, error)
	}{
		{"Create", "file:rw", func(o resources.Option) (io.Closer, error) { return one(resources.Create(path, o)) }},
		{"Open", "file:r", func(o resources.Option) (io.Closer, error) { return one(resources.Open(path, o)) }},
		{"OpenFile to write", "file:w", func(o resources.Option) (io.Closer, error) {
			return one(resources.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0, o))
		}},
		{"OpenFile to append", "file:a", func(o resources.Option) (io.Closer, error) {
			return one(resources.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0, o))
		}},
		{"OpenFile for both", "file:rw", func(o resources.Option) (io.Closer, error) {
			return one(resources.OpenFile(path, os.O_RDWR, 0, o))
		}},
		{"WrapFile", "file", func(o resources.Option) (io.Closer, error) {
			f, err := os.Open(path)
			require.NoError(t, err)
			return one(resources.WrapFile(f, o))
		}},
		{"NewFile", "file", func(o resources.Option) (io.Closer, error) {
			fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
			require.NoError(t, err)
			return resources.NewFile(uintptr(fd), path, o), nil
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			leakcheck.Check(t)
			tr := leakcheck.NewTracker()
			f, err := c.open(resources.WithTracker(tr))
			require.NoError(t, err)
			i := liveOne(t, tr)
			assert.Equal(t, c.kind, i.Kind)
			assert.Equal(t, path, i.Name)
			openedHere(t, i)
			assert.NoError(t, f.Close())
			assert.Zero(t, tr.Len())
			assert.ErrorIs(t, f.Close(), os.ErrClosed)
			assert.Zero(t, tr.Len())
		})
	}
}

func TestCreateTempIsTracked(t *testing.T) {
	tr := leakcheck.NewTracker()
	f, err := resources.CreateTemp(t.TempDir(), "x-*", resources.WithTracker(tr))
	require.NoError(t, err)
	assert.Equal(t, f.Name(), liveOne(t, tr).Name)
	assert.NoError(t, f.Close())
	assert.Zero(t, tr.Len())
}

func TestPipesAreTracked(t *testing.T) {
	tr := leakcheck.NewTracker()
	r, w, err := resources.Pipe(resources.WithTracker(tr))
	require.NoError(t, err)
	live := tr.Live()
	require.Len(t, live, 2)
	assert.Equal(t, []string{"pipe:r", "pipe:w"}, []string{live[0].Kind, live[1].Kind})
	_, err = w.WriteString("through")
	assert.NoError(t, err)
	assert.NoError(t, w.Close())
	text, err := io.ReadAll(r)
	assert.NoError(t, err)
	assert.Equal(t, "through", string(text))
	assert.NoError(t, r.Close())
	assert.Zero(t, tr.Len())
}

func TestWhatCannotBeOpenedIsNotTracked(t *testing.T) {
	tr := leakcheck.NewTracker()
	with := resources.WithTracker(tr)
	missing := filepath.Join(t.TempDir(), "missing", "f")
	for what, open := range map[string]func() error{
		"Open":       func() error { _, err := resources.Open(missing, with); return err },
		"Create":     func() error { _, err := resources.Create(missing, with); return err },
		"OpenFile":   func() error { _, err := resources.OpenFile(missing, os.O_RDWR, 0, with); return err },
		"CreateTemp": func() error { _, err := resources.CreateTemp(missing, "x", with); return err },
		"OpenRoot":   func() error { _, err := resources.OpenRoot(missing, with); return err },
	} {
		err := open()
		assert.ErrorIs(t, err, os.ErrNotExist, what)
		assert.ErrorContains(t, err, missing, what)
	}
	assert.Nil(t, resources.NewFile(^uintptr(0), "bad", with))
	_, err := resources.WrapFile(nil, with)
	assert.ErrorContains(t, err, "it is nil")
	assert.Zero(t, tr.Len())
	assert.ErrorIs(t, (*resources.File)(nil).Close(), os.ErrInvalid)
}

func TestACloseThatFailsEndsTheTracking(t *testing.T) {
	tr := leakcheck.NewTracker()
	f, err := resources.Open(os.DevNull, resources.WithTracker(tr))
	require.NoError(t, err)
	require.NoError(t, f.File.Close()) // behind its back
	assert.Equal(t, 1, tr.Len())
	assert.ErrorIs(t, f.Close(), os.ErrClosed)
	assert.Zero(t, tr.Len())
}

func TestAFileThatIsDroppedIsLost(t *testing.T) {
	tr := leakcheck.NewTracker()
	i := awaitLost(t, tr, func() {
		_, err := resources.Open(os.DevNull, resources.WithTracker(tr))
		require.NoError(t, err)
	})
	assert.Equal(t, os.DevNull, i.Name)
	openedHere(t, i)
}

func TestLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	long := strings.Repeat("x", 1<<17)
	for text, want := range map[string][]string{
		"":                      nil,
		"one":                   {"one"},
		"one\n":                 {"one"},
		"one\r\n\r\ntwo":        {"one", "", "two"},
		"one\n\n" + long + "\n": {"one", "", long},
		"\n":                    {""},
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		f, err := resources.Open(path)
		require.NoError(t, err)
		var got []string
		for line, err := range f.Lines() {
			require.NoError(t, err)
			got = append(got, line)
		}
		assert.Equal(t, want, got)
		require.NoError(t, f.Close())
		for _, err := range f.Lines() {
			assert.ErrorIs(t, err, os.ErrClosed)
		}
	}
}

func TestLinesLeftEarly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	require.NoError(t, os.WriteFile(path, []byte("one\ntwo\n"), 0o600))
	err := resources.With(func() (*resources.File, error) { return resources.Open(path) }, func(f *resources.File) error {
		for line := range f.Lines() {
			assert.Equal(t, "one", line)
			break
		}
		return nil
	})
	assert.NoError(t, err)
}

func TestCopiesReachTheConcreteFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "from"), []byte("0123456789"), 0o600))
	from, err := resources.Open(filepath.Join(dir, "from"))
	require.NoError(t, err)
	defer from.Close()
	to, err := resources.Create(filepath.Join(dir, "to"))
	require.NoError(t, err)
	defer to.Close()

	var _ interface {
		io.ReaderFrom
		io.WriterTo
		io.Seeker
		io.ReaderAt
		io.WriterAt
		io.StringWriter
		syscall.Conn
	} = to

	n, err := to.ReadFrom(io.LimitReader(from, 4))
	assert.NoError(t, err)
	assert.EqualValues(t, 4, n)
	limited := &io.LimitedReader{R: from, N: 100}
	n, err = io.Copy(to, limited)
	assert.NoError(t, err)
	assert.EqualValues(t, 6, n)
	assert.EqualValues(t, 94, limited.N, "as with a plain file")
	text, err := os.ReadFile(to.Name())
	assert.NoError(t, err)
	assert.Equal(t, "0123456789", string(text))
}

func TestRoots(t *testing.T) {
	leakcheck.Check(t)
	tr := leakcheck.NewTracker()
	dir := t.TempDir()
	root, err := resources.OpenRoot(dir, resources.WithTracker(tr), resources.WithName("the root"))
	require.NoError(t, err)
	assert.Equal(t, "the root", liveOne(t, tr).Name)
	assert.Equal(t, "root", liveOne(t, tr).Kind)

	require.NoError(t, root.Mkdir("sub", 0o700))
	sub, err := root.OpenRoot("sub")
	require.NoError(t, err)
	f, err := sub.Create("f")
	require.NoError(t, err)
	g, err := sub.Open("f")
	require.NoError(t, err)
	h, err := sub.OpenFile("f", os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = sub.Open("missing")
	assert.ErrorIs(t, err, os.ErrNotExist)
	var kinds []string
	for _, i := range tr.Live() {
		kinds = append(kinds, i.Kind)
		openedHere(t, i)
	}
	assert.Equal(t, []string{"root", "root", "file:rw", "file:r", "file:w"}, kinds)
	for _, c := range []io.Closer{h, g, f, sub, root} {
		assert.NoError(t, c.Close())
	}
	assert.NoError(t, root.Close(), "as that of package os")
	assert.Zero(t, tr.Len())
}
