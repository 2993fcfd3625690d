package fdtable

// A Description says what one descriptor is, in the words of a person.
type Description struct {
	// Kind is one word: file, directory, symlink, pipe, fifo, device, pty,
	// memfd, namespace, pidfd, epoll, eventfd, timerfd, signalfd, inotify,
	// fanotify or another anonymous inode by its own name (io_uring,
	// userfaultfd, bpf-map, …); tcp, udp, unix or listener; icmp, raw, sctp,
	// netlink, packet, vsock, … for other sockets, and socket when the family
	// is not known here. It is descriptor when nothing at all is known.
	Kind string
	// Name is never empty: a path, "127.0.0.1:38532 -> 127.0.0.1:443
	// (established)", "listening on [::]:8080", "@abstract", "of 4711
	// (exited, not waited for)", or, for what has no name, the kernel's
	// label, such as "pipe:[25015]". Paths are as the kernel holds them and
	// may contain any byte.
	Name string
	// Path is the file system path, if there is one. For a deleted file it is
	// where the file was.
	Path string
	// Detail is what else is known, parted by commas, or empty: "write-only,
	// 4096 bytes in", "read-only, deleted", "read end; write end is fd 9 of
	// this process", "12 watches".
	Detail string
	// PID is the process that a pidfd refers to: -1 when it is gone and was
	// waited for, 0 when it is not known, and for all but pidfds.
	PID int
	// PeerFD is the other end of a pipe or of a pair of Unix sockets when
	// that is a descriptor of this process too, else -1.
	PeerFD int
	// PooledPipe marks a pipe that looks like one of those that package
	// internal/poll keeps in a sync.Pool for splice(2): nobody's leak, it
	// goes with a garbage collection.
	PooledPipe bool
}
