package fdtable

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"
)

// answer is what the kernel sends: the two headers and attributes.
func answer(kind uint16, attributes ...[]byte) []byte {
	a := make([]byte, diagAnswerSize)
	binary.NativeEndian.PutUint16(a[4:], kind)
	for _, attr := range attributes {
		a = append(a, attr...)
	}
	return a
}

// attribute is a struct rtattr with its content, padded to 4 bytes.
func attribute(kind uint16, size int, content ...byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(size))
	b = binary.NativeEndian.AppendUint16(b, kind)
	return append(b, content...)
}

func TestParsePeer(t *testing.T) {
	nine := binary.NativeEndian.AppendUint32(nil, 9)
	name := attribute(0, 7, 'x', 'y', 'z', 0)
	for what, tt := range map[string]struct {
		answer []byte
		want   uint64
	}{
		"a peer":                    {answer(unix.SOCK_DIAG_BY_FAMILY, attribute(diagPeer, 8, nine...)), 9},
		"a peer after a name":       {answer(unix.SOCK_DIAG_BY_FAMILY, name, attribute(diagPeer, 8, nine...)), 9},
		"no peer":                   {answer(unix.SOCK_DIAG_BY_FAMILY, name), 0},
		"nothing":                   {nil, 0},
		"an error":                  {answer(unix.NLMSG_ERROR, attribute(diagPeer, 8, nine...)), 0},
		"a peer cut short":          {answer(unix.SOCK_DIAG_BY_FAMILY, attribute(diagPeer, 8, 9, 0)), 0},
		"a peer of two bytes":       {answer(unix.SOCK_DIAG_BY_FAMILY, attribute(diagPeer, 6, 9, 0)), 0},
		"an attribute of no size":   {answer(unix.SOCK_DIAG_BY_FAMILY, attribute(0, 0), attribute(diagPeer, 8, nine...)), 0},
		"an attribute past the end": {answer(unix.SOCK_DIAG_BY_FAMILY, attribute(0, 4000), attribute(diagPeer, 8, nine...)), 0},
		"padding missing":           {answer(unix.SOCK_DIAG_BY_FAMILY, attribute(0, 5, 'x')), 0},
	} {
		assert.Equal(t, tt.want, parsePeer(tt.answer), what)
	}
}
