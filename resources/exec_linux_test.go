package resources

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A verdict tells by the pidfd that a tracked process and a child that the
// kernel lists are one. Which descriptor an entry has is not public.
func TestTheDescriptorOfAProcessIsItsPidfd(t *testing.T) {
	c := exec.Command("sleep", "60")
	require.NoError(t, c.Start())
	number := descriptorOf(pidHandle{c.Process})
	info, infoErr := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", number))
	pid := c.Process.Pid
	require.NoError(t, c.Process.Kill())
	assert.Error(t, c.Wait())
	if number < 0 {
		t.Skip("this kernel has no pidfds")
	}
	require.NoError(t, infoErr)
	assert.Contains(t, string(info), fmt.Sprintf("\nPid:\t%d\n", pid))
	assert.Negative(t, descriptorOf(pidHandle{c.Process}), "after Wait it is closed")
}
