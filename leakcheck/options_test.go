package leakcheck

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"
)

func TestMatchPath(t *testing.T) {
	for _, c := range []struct {
		glob, path string
		want       bool
	}{
		{"/etc/hosts", "/etc/hosts", true},
		{"/etc/*", "/etc/hosts", true},
		{"/etc/*", "/etc/ssl/cert.pem", false},
		{"/etc/**", "/etc/ssl/cert.pem", true},
		{"/etc/**", "/etcetera/x", false},
		{"/tmp/Test*/**", "/tmp/TestA1/001/f", true},
		{"/**", "/anything/at/all", true},
		{"*.log", "/var/log/a.log", true},
		{"*.log", "/var/log/a.txt", false},
		{"host?", "/etc/hosts", true},
	} {
		assert.Equal(t, c.want, matchPath(c.glob, c.path), "%s on %s", c.glob, c.path)
	}
}

func TestOptionsIgnore(t *testing.T) {
	hosts := Leak{Kind: "file", Name: "/etc/hosts", Path: "/etc/hosts", State: Held}
	lost := Leak{Kind: "file", Name: "/etc/hosts", Path: "/etc/hosts", State: Lost}
	tcp := Leak{Kind: "tcp", State: Held}

	assert.False(t, newConfig(nil).ignores(hosts))
	assert.True(t, newConfig([]Option{IgnorePath("/etc/*")}).ignores(hosts))
	assert.False(t, newConfig([]Option{IgnorePath("*")}).ignores(tcp), "a connection has no path")
	assert.True(t, newConfig([]Option{IgnoreKind("udp", "tcp")}).ignores(tcp))
	assert.False(t, newConfig([]Option{IgnoreKind()}).ignores(tcp))
	assert.True(t, newConfig([]Option{AllowLost()}).ignores(lost))
	assert.False(t, newConfig([]Option{AllowLost()}).ignores(hosts))
	assert.True(t, newConfig([]Option{Ignore(func(l Leak) bool { return l.State == Held })}).ignores(tcp))
	assert.False(t, newConfig([]Option{Ignore(func(Leak) bool { return true })}).accepts(tcp), "its state is not known yet")
}

func TestBadOptionsAreErrorsAndAcceptNothing(t *testing.T) {
	hosts := Leak{Kind: "file", Path: "/etc/hosts"}
	for want, o := range map[string]Option{
		"syntax error in pattern": IgnorePath("/etc/[a"),
		"an empty glob":           IgnorePath(""),
		"cannot be negative":      Grace(-time.Second),
		"Ignore(nil): pass a":     Ignore(nil),
		"a nil Option was passed": nil,
	} {
		c := newConfig([]Option{o})
		if assert.Len(t, c.errs, 1, want) {
			assert.ErrorContains(t, c.errs[0], want)
		}
		assert.False(t, c.ignores(hosts))
		assert.Equal(t, DefaultGrace, c.grace)
	}
}

func TestGoroutinesArePassedOn(t *testing.T) {
	c := newConfig([]Option{Goroutines(goleak.IgnoreTopFunction("x")), Goroutines(goleak.IgnoreTopFunction("y"))})
	assert.Len(t, c.goleak, 2)
}

func TestEnvironment(t *testing.T) {
	for _, c := range []struct {
		line  string
		mode  mode
		grace time.Duration
		err   string
	}{
		{"", modeFail, DefaultGrace, ""},
		{"off", modeOff, DefaultGrace, ""},
		{"warn,grace=500ms", modeWarn, 500 * time.Millisecond, ""},
		{"grace=0s", modeFail, 0, ""},
		{" fail , grace=1s ", modeFail, time.Second, ""},
		{"wran", modeFail, DefaultGrace, `LEAKCHECK=wran: unknown word "wran": use off, warn or fail`},
		{"grace=2s,warn", modeFail, 2 * time.Second, `"warn" must come first`},
		{"warn,grace=2", modeWarn, DefaultGrace, `grace="2" is not a duration`},
		{"warn,grace=-1s", modeWarn, DefaultGrace, "is not a duration"},
		{"warn,grace", modeWarn, DefaultGrace, `unknown word "grace"`},
	} {
		t.Run(c.line, func(t *testing.T) {
			t.Setenv(variable, c.line)
			got := newConfig(nil)
			assert.Equal(t, c.mode, got.mode)
			assert.Equal(t, c.grace, got.grace)
			if c.err == "" {
				assert.Empty(t, got.errs)
			} else if assert.Len(t, got.errs, 1) {
				assert.ErrorContains(t, got.errs[0], c.err)
			}
		})
	}
}

func TestEnvironmentHasTheLastWord(t *testing.T) {
	t.Setenv(variable, "fail,grace=3s,allowlost,mappings")
	c := newConfig([]Option{Grace(time.Hour)})
	assert.Equal(t, 3*time.Second, c.grace)
	assert.True(t, c.allowLost)
	assert.True(t, c.mappings)
}

func TestIgnoreSettingsOfTheEnvironment(t *testing.T) {
	t.Setenv(variable, "fail,ignorekind=pipe,ignorepath=*.log,ignorefunc=pool.(*Pool).fill")
	c := newConfig(nil)
	assert.Empty(t, c.errs)
	for _, l := range []Leak{
		{Kind: "pipe"},
		{Kind: "file", Path: "/var/x.log"},
		{Kind: "tcp", Stack: []Frame{{Function: "net.Dial"}, {Function: "example.com/pool.(*Pool).fill.func1"}}},
		{Kind: "tcp", Stack: []Frame{{Function: "example.com/pool.(*Pool).fill"}}},
	} {
		assert.True(t, c.ignores(l), l)
	}
	for _, l := range []Leak{
		{Kind: "tcp"},
		{Kind: "file", Path: "/var/log"},
		{Kind: "tcp", Stack: []Frame{{Function: "example.com/pool.(*Pool).filler"}}},
	} {
		assert.False(t, c.ignores(l), l)
	}
}
