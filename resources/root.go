package resources

import "os"

// A Root is an [os.Root] that is tracked from its opening to its Close. The
// files opened in it are tracked too. Its kind is root, its name the path of
// the directory.
type Root struct {
	*os.Root
	handle
	opts []Option
}

// OpenRoot is [os.OpenRoot], tracked. The options hold for what is opened in
// the root as well, save for a name.
func OpenRoot(name string, opts ...Option) (*Root, error) {
	r, err := os.OpenRoot(name)
	return openedRoot(r, err, opts)
}

func openedRoot(r *os.Root, err error, opts []Option) (*Root, error) {
	if err != nil {
		return nil, err
	}
	tracked := &Root{Root: r}
	if o := optionsOf(opts); o.tracker != nil {
		tracked.opts = []Option{WithTracker(o.tracker)}
	}
	tracked.open(tracked, nil, r.Name(), "root", opts)
	return tracked, nil
}

// Close closes the root and ends its tracking, whatever the error.
func (r *Root) Close() error {
	if r == nil || r.Root == nil {
		return os.ErrInvalid
	}
	err := r.Root.Close()
	r.close(r, err)
	return err
}

// Open is that of [os.Root], tracked.
func (r *Root) Open(name string) (*File, error) {
	f, err := r.Root.Open(name)
	return opened(f, err, "file:r", r.opts)
}

// Create is that of [os.Root], tracked.
func (r *Root) Create(name string) (*File, error) {
	f, err := r.Root.Create(name)
	return opened(f, err, "file:rw", r.opts)
}

// OpenFile is that of [os.Root], tracked.
func (r *Root) OpenFile(name string, flag int, perm os.FileMode) (*File, error) {
	f, err := r.Root.OpenFile(name, flag, perm)
	return opened(f, err, fileKind(flag), r.opts)
}

// OpenRoot is that of [os.Root], tracked.
func (r *Root) OpenRoot(name string) (*Root, error) {
	sub, err := r.Root.OpenRoot(name)
	return openedRoot(sub, err, r.opts)
}
