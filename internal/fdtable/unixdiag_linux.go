package fdtable

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Sizes and numbers of sock_diag(7) and linux/unix_diag.h.
const (
	diagRequestSize = unix.NLMSG_HDRLEN + 24 // nlmsghdr, unix_diag_req
	diagAnswerSize  = unix.NLMSG_HDRLEN + 16 // nlmsghdr, unix_diag_msg
	diagShowPeer    = 4                      // UDIAG_SHOW_PEER
	diagPeer        = 2                      // UNIX_DIAG_PEER
	rtattrSize      = 4
)

// unixPeer returns the inode of the socket that the Unix socket with the
// given inode is connected to. It needs one descriptor, or the held one, and
// a kernel with unix_diag.
func (r *reserve) unixPeer(ino uint64) (peer uint64, ok bool) {
	err := r.spare(func() error {
		fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		peer, err = askPeer(fd, uint32(ino))
		return err
	})
	return peer, err == nil && peer != 0
}

// askPeer sends the question and reads the answer, which the kernel has
// queued when sendto returns.
func askPeer(fd int, ino uint32) (uint64, error) {
	if err := unix.Sendto(fd, peerQuestion(ino), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, err
	}
	answer := make([]byte, 4<<10)
	n, _, err := unix.Recvfrom(fd, answer, unix.MSG_DONTWAIT)
	if err != nil {
		return 0, err
	}
	return parsePeer(answer[:n]), nil
}

// peerQuestion asks for the peer of one socket.
func peerQuestion(ino uint32) []byte {
	e := binary.NativeEndian
	q := make([]byte, 0, diagRequestSize)
	q = e.AppendUint32(q, diagRequestSize)
	q = e.AppendUint16(q, unix.SOCK_DIAG_BY_FAMILY)
	q = e.AppendUint16(q, unix.NLM_F_REQUEST)
	q = e.AppendUint32(q, 0)             // nlmsg_seq
	q = e.AppendUint32(q, 0)             // nlmsg_pid
	q = append(q, unix.AF_UNIX, 0, 0, 0) // sdiag_family, sdiag_protocol, pad
	q = e.AppendUint32(q, ^uint32(0))    // udiag_states: any
	q = e.AppendUint32(q, ino)
	q = e.AppendUint32(q, diagShowPeer)
	q = e.AppendUint32(q, ^uint32(0)) // udiag_cookie: any
	return e.AppendUint32(q, ^uint32(0))
}

// parsePeer finds the peer's inode in the answer. It is 0 when there is none,
// or the answer is an error, such as that the socket is gone.
func parsePeer(answer []byte) uint64 {
	e := binary.NativeEndian
	if len(answer) < diagAnswerSize || e.Uint16(answer[4:]) != unix.SOCK_DIAG_BY_FAMILY {
		return 0
	}
	attrs := answer[diagAnswerSize:]
	for len(attrs) >= rtattrSize {
		size := int(e.Uint16(attrs))
		if size < rtattrSize || size > len(attrs) {
			return 0
		}
		if e.Uint16(attrs[2:]) == diagPeer && size >= rtattrSize+4 {
			return uint64(e.Uint32(attrs[rtattrSize:]))
		}
		aligned := (size + 3) &^ 3
		attrs = attrs[min(aligned, len(attrs)):]
	}
	return 0
}
