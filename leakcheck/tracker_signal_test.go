//go:build unix

package leakcheck

import (
	"os"
	"os/signal"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestTrackingWhileASignalIsHandled(t *testing.T) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGUSR2)
	defer signal.Stop(signals)

	tr, done := NewTracker(), make(chan []Info)
	go func() {
		<-signals
		x := new(lease)
		assert.NoError(t, tr.Track(x, "", ""))
		live := tr.Live()
		tr.Untrack(x)
		done <- live
	}()
	require.NoError(t, unix.Kill(os.Getpid(), unix.SIGUSR2))
	assert.Len(t, <-done, 1)
	assert.Empty(t, tr.Live())
}
