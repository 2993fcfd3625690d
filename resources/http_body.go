package resources

import (
	"context"
	"io"
	"net/http"
	"runtime"
)

// A body is that of a response. It refers to its entry and not the other way
// round, so that a context, which keeps the entry, does not keep the body.
type body struct {
	io.ReadCloser
	entry *bodyEntry
	ends  bool                 // reading to the end is as good as closing
	stop  func() (waited bool) // ends the wait for the context; nil without one
}

// A bodyEntry is what a tracker knows of a body.
type bodyEntry struct{ handle }

// Close marks the entry as one that counts as lost when it is dropped. Nobody
// calls it.
func (e *bodyEntry) Close() error { return nil }

func newBody(req *http.Request, resp *http.Response, opts []Option) io.ReadCloser {
	_, writable := resp.Body.(io.Writer)
	b := &body{ReadCloser: resp.Body, entry: new(bodyEntry), ends: !writable}
	b.entry.enter(b.entry, nil, requestName(req), "body", opts)
	if ctx := req.Context(); !writable && ctx.Done() != nil {
		b.endWith(ctx)
	}
	return b.withMethodsOf(resp.Body)
}

// endWith has the tracking end when ctx is done. A body that is dropped before
// leaves the context, and is lost.
func (b *body) endWith(ctx context.Context) {
	entry := b.entry
	b.stop = context.AfterFunc(ctx, func() { entry.close(entry, nil) })
	runtime.AddCleanup(b, func(stop func() bool) { stop() }, b.stop)
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF && b.ends {
		b.end(nil)
	}
	return n, err
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.end(err)
	return err
}

func (b *body) end(err error) {
	if b.stop != nil {
		b.stop()
	}
	b.entry.close(b.entry, err)
}

// withMethodsOf adds to b the optional methods that inner has. Whoever asks a
// body for a method, as io.Copy and proxies do, takes another way if there is
// none.
func (b *body) withMethodsOf(inner io.ReadCloser) io.ReadCloser {
	w, writes := inner.(io.Writer)
	_, to := inner.(io.WriterTo)
	c, half := inner.(closeWriter)
	switch [3]bool{writes, half, to} {
	case [3]bool{false, false, true}, [3]bool{false, true, true}:
		return &struct {
			*body
			bodyWriterTo
		}{b, bodyWriterTo{b}}
	case [3]bool{true, false, false}:
		return &struct {
			*body
			io.Writer
		}{b, w}
	case [3]bool{true, false, true}:
		return &struct {
			*body
			io.Writer
			bodyWriterTo
		}{b, w, bodyWriterTo{b}}
	case [3]bool{true, true, false}:
		return &struct {
			*body
			io.Writer
			closeWriter
		}{b, w, c}
	case [3]bool{true, true, true}:
		return &struct {
			*body
			io.Writer
			closeWriter
			bodyWriterTo
		}{b, w, c, bodyWriterTo{b}}
	}
	return b
}

// A bodyWriterTo is the WriteTo of a body that has one.
type bodyWriterTo struct{ of *body }

// WriteTo reads the body to its end unless it fails.
func (t bodyWriterTo) WriteTo(w io.Writer) (int64, error) {
	n, err := t.of.ReadCloser.(io.WriterTo).WriteTo(w)
	if err == nil && t.of.ends {
		t.of.end(nil)
	}
	return n, err
}
