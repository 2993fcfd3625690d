package instrument

import "errors"

// A response body must be closed or read to its end, else its connection is
// never used again. It is recorded where a connection hands the response over,
// on the goroutine of the caller, whatever client or proxy is around it; those
// that a client closes on the way to another page end there and then. What
// needs no Close is not recorded: a body that is none, and a connection that an
// upgrade has made the caller's own.
//
// In a testing/synctest bubble nothing is recorded: nobody outside may ask
// about a context that was made inside, and a bubble does not end before the
// goroutines of the connection do.
//
// The clients of golang.org/x/net/http2 and of other packages have bodies of
// their own, which are not seen.
var bodyProbe = Probe{
	Name:    "net/http response bodies",
	Package: "net/http",
	Records: "bodies of responses over HTTP/1 that are neither closed nor read to the end",
	Patch: func(p *Package) error {
		roundTrip, err := target(p, "*persistConn", "roundTrip", "pc", "req", "resp", "err")
		if err != nil {
			return err
		}
		err = errors.Join(
			roundTrip.Expect("func(*transportRequest) (*Response, error)"),
			p.Field("transportRequest", "ctx", "context.Context"),
			p.Field("gzipReader", "body", "*bodyEOFSignal"),
			begin(p, log+".ObjectClosed(es)", "*bodyEOFSignal", "condfn", "es", "_", "_"),
			begin(p, log+".ObjectClosed(es)", "*bodyEOFSignal", "Close", "es", "_"),
		)
		if err != nil {
			return err
		}
		roundTrip.Begin("defer leakcheckBody(req, &resp)")
		p.Import(ProbeFile, log, "internal/testlog")
		p.Import(ProbeFile, "synctest", "internal/synctest")
		p.Append(`
// leakcheckBody records the body of a response that is about to be returned.
func leakcheckBody(req *transportRequest, resp **Response) {
	if *resp == nil || synctest.IsInBubble() {
		return
	}
	var body *bodyEOFSignal
	switch b := (*resp).Body.(type) {
	case *bodyEOFSignal:
		body = b
	case *gzipReader:
		body = b.body
	default:
		return
	}
	// The read loop ends this context, which is the transport's own, when it
	// lets go of the connection for whatever reason.
	ctx := req.ctx
	over := func() bool { return ctx.Err() != nil }
	` + log + `.ObjectOpened(body, "body", leakcheckBodyName(req.Request), over, 2)
}
`)
		p.Append(bodyName("leakcheckBodyName"))
		return nil
	},
}

// The bundled HTTP/2 client is a file that a build tag may leave out, so what
// the probe declares has to stand in that file too.
var bodyHTTP2Probe = Probe{
	Name:    "net/http response bodies over HTTP/2",
	Package: "net/http",
	Records: "bodies of responses over HTTP/2 that are neither closed nor read to the end",
	Patch: func(p *Package) error {
		roundTrip, err := target(p, "*http2ClientConn", "RoundTrip", "cc", "req", "_", "_")
		if err != nil {
			return err
		}
		err = errors.Join(
			p.Field("http2gzipReader", "body", "io.ReadCloser"),
			p.Field("http2transportResponseBody", "cs", "*http2clientStream"),
			p.Field("http2clientStream", "ctx", "context.Context"),
			p.Field("http2clientStream", "reqCancel", "<-chan struct{}"),
			p.Field("http2clientStream", "peerClosed", "chan struct{}"),
			p.Field("http2clientStream", "bufPipe", "http2pipe"),
			p.Field("http2clientStream", "bytesRemain", "int64"),
			begin(p, "defer leakcheckHTTP2Read(b.cs, &err)", "http2transportResponseBody", "Read", "b", "_", "n", "err"),
			begin(p, log+".ObjectClosed(b.cs)", "http2transportResponseBody", "Close", "b", "_"),
			roundTrip.ReplaceCall("cc.roundTrip", "cc.leakcheckRoundTrip"),
		)
		if err != nil {
			return err
		}
		roundTrip.Import(log, "internal/testlog")
		roundTrip.Import("leakcheck_synctest", "internal/synctest")
		roundTrip.Import("leakcheck_weak", "weak")
		appendTo(p, roundTrip.file, `
func (cc *http2ClientConn) leakcheckRoundTrip(req *Request, streamf func(*http2clientStream)) (*Response, error) {
	resp, err := cc.roundTrip(req, streamf)
	if err == nil && !leakcheck_synctest.IsInBubble() {
		leakcheckHTTP2Body(req, resp.Body)
	}
	return resp, err
}

func leakcheckHTTP2Body(req *Request, body io.ReadCloser) {
	if gz, ok := body.(*http2gzipReader); ok {
		body = gz.body
	}
	b, ok := body.(http2transportResponseBody)
	if !ok || b.cs.bytesRemain == 0 {
		return
	}
	ctx, cancel, stream := b.cs.ctx, b.cs.reqCancel, leakcheck_weak.Make(b.cs)
	over := func() bool {
		select {
		case <-cancel:
			return true
		default:
			return ctx.Err() != nil || stream.Value().leakcheckDrained()
		}
	}
	`+log+`.ObjectOpened(b.cs, "body", leakcheckHTTP2Name(req), over, 2)
}

// leakcheckDrained reports whether the peer has sent all it will and all of it
// was read, though nobody has asked for the end: nothing is held then.
func (cs *http2clientStream) leakcheckDrained() bool {
	if cs == nil {
		return false
	}
	select {
	case <-cs.peerClosed:
		return cs.bufPipe.Len() == 0
	default:
		return false
	}
}

// leakcheckHTTP2Read ends a body at its end, at its last byte if its length
// was announced, as HTTP/1 does, and with any error.
func leakcheckHTTP2Read(cs *http2clientStream, err *error) {
	if *err != nil || cs.bytesRemain == 0 || cs.leakcheckDrained() {
		`+log+`.ObjectClosed(cs)
	}
}
`+bodyName("leakcheckHTTP2Name"))
		return nil
	},
}

// bodyName declares a function that names a response body for its request.
// What may be secret, the user and the query, is left out.
func bodyName(function string) string {
	return `
func ` + function + `(req *Request) string {
	method := req.Method
	if method == "" {
		method = "GET"
	}
	return method + " " + req.URL.Scheme + "://" + req.URL.Host + req.URL.EscapedPath()
}
`
}
