package leakcheck

import "time"

// State says whether the program still refers to what leaked.
type State string

const (
	// Held is still open after the garbage collector and the finalizers ran:
	// something refers to it, or it is a bare descriptor that no Go object
	// closes.
	Held State = "held"
	// Lost was open when the test ended and gone after a collection: nobody
	// closed it, a finalizer did.
	Lost State = "lost"
)

// A Leak is one thing that was left open. It is a value: it keeps nothing of
// what leaked alive.
type Leak struct {
	// Kind is what leaked: file, directory, pipe, tcp, listener, udp, unix,
	// epoll, eventfd, timerfd, signalfd, inotify, memfd, pidfd, device, pty,
	// process, mapping, goroutine, misuse, or the kind a tracked object was
	// given.
	Kind string `json:"kind"`
	// Name is what a person would call it: a path, a pair of addresses, a
	// command line, the function a goroutine is stuck in.
	Name string `json:"name"`
	// Detail is what else is known: mode, offset, the other end of a pipe.
	Detail string `json:"detail,omitempty"`
	// State is Held or Lost.
	State State `json:"state"`
	// Path is the file's path, "" where there is none.
	Path string `json:"path,omitempty"`
	// FD is the descriptor's number, -1 for what is not a descriptor.
	FD int `json:"fd"`
	// Owner is the test that opened it, "" where it cannot be known.
	Owner string `json:"owner,omitempty"`
	// Suspects are the tests that ran when it first was seen, in the order
	// in which they began, where there is more than one.
	Suspects []string `json:"suspects,omitempty"`
	// Age is how long it has been open.
	Age time.Duration `json:"age_ns"`
	// AgeIsBound says that Age is only an upper bound: the kernel does not
	// record when a descriptor was opened, nor the runtime when a goroutine
	// began.
	AgeIsBound bool `json:"age_is_bound,omitempty"`
	// Stack is where it was opened, innermost frame first, or for a goroutine
	// where it is stuck; nil where it was not recorded.
	Stack []Frame `json:"stack,omitempty"`
	// ClosedBy is, for a misuse, where the descriptor was closed behind its
	// owner's back.
	ClosedBy []Frame `json:"closed_by,omitempty"`
	// ReusedBy is, for a misuse, where its number was opened again.
	ReusedBy []Frame `json:"reused_by,omitempty"`
	// CreatedBy is the statement that started a goroutine: the one that leaked,
	// or the one that opened a descriptor where its stack does not tell who
	// wanted that.
	CreatedBy Frame `json:"created_by,omitzero"`
	// Raw is a goroutine's text as the runtime printed it, kept only where it
	// could not be parsed.
	Raw string `json:"raw,omitempty"`
	// Test is where the test stands that opened it: the call of Check, or the
	// test's function under Main. It is the nearest line known to a descriptor
	// without a stack.
	Test Frame `json:"test,omitzero"`
	// Fix is what to do about it, "" where the shape is not recognised.
	Fix string `json:"fix,omitempty"`

	pid int
	seq uint64
	via string // which part of net/http opened the connection

	told bool // by the program, to the copy that leakcheck test links in
}
