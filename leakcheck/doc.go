// Package leakcheck fails a test that leaves something open, and says what it
// was, how long it has been open, which test opened it and, where that can be
// known, on which line.
//
// A leak is an open descriptor of any kind (file, directory, pipe, socket,
// epoll, inotify, timerfd, memfd, pidfd, device), a tracked object (see
// [Track]), a goroutine, a child process that nobody waited for, or a file
// mapping that was never unmapped.
//
// There are three ways in. For a whole package, each test by itself:
//
//	func TestMain(m *testing.M) { leakcheck.Main(m) }
//
// For one test, judged after its last cleanup:
//
//	func TestExport(t *testing.T) {
//		leakcheck.Check(t)
//		...
//	}
//
// And the habit of goleak, judged where the defer runs:
//
//	func TestExport(t *testing.T) {
//		defer leakcheck.VerifyNone(t)
//		...
//	}
//
// # How a verdict is reached
//
// The process's descriptors are compared with those at the baseline, by number
// and identity, so that a number used again does not hide a leak. If nothing
// is new, nothing tracked is live and no goroutine is left, the verdict is
// clean, after a few microseconds. Otherwise it looks again for up to a grace
// of two seconds, in case something is still closing. Only then the garbage
// collector runs: what that makes vanish is [Lost], for a finalizer closed
// what nobody else did, and what stays is [Held]. Both fail the test; see
// [AllowLost]. Every leak is reported once and belongs to the baseline from
// then on, so that it is never blamed on a later test.
//
// # Whose leak it is
//
// [Main] and [Check] label the goroutine of a test for the profiler, and every
// goroutine inherits the labels of its creator: so goroutines and tracked
// objects are pinned on a test exactly, also under t.Parallel. A descriptor
// belongs to the test that ran when it was first seen. Where several did, it
// is reported once all of them are over, with their names.
//
// What has lost its label has no owner: the work of a goroutine that set its
// own profiler labels, of time.AfterFunc and of shared pools. Under Main it is
// reported at the end of the package.
//
// # Environment
//
// The variable LEAKCHECK holds a word, and settings behind it: off looks at
// nothing, warn lists leaks and lets the tests pass, fail is the default.
// Settings are grace=2s, allowlost, mappings, ignorekind=KIND, ignorepath=GLOB
// and ignorefunc=NAME, the last for a function on the stack, as in
//
//	LEAKCHECK=warn,grace=500ms go test ./...
//
// # The command
//
// The command leakcheck, in cmd/leakcheck, runs go test on any project with the
// openings of descriptors recorded: then every leak has its line and its test,
// and a project need not use this package. In one that does, the verdicts are
// those of the command, with the options given here.
//
// # Limits
//
// Descriptors are checked on Linux and on Darwin. Elsewhere tracked objects and
// goroutines are, and reports say that descriptors were not.
//
// The kernel records neither who opened a descriptor nor when, so a bare one is
// listed without a line and its age is an upper bound, printed as <1.2s.
//
// A descriptor that was dropped while a test goes on, and closed by a finalizer
// because the collector happened to run before the test ended, is not seen; see
// [HoldGC].
//
// A bare VerifyNone does not know when its test began: what a package's
// initialisation opens can look like the first test's. [Check], [Main] and
// [IgnoreCurrent] do.
package leakcheck
