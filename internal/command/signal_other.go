//go:build !unix

package command

import "os"

// relayed are the signals that this command survives until go test has ended.
// The system sends them to go test too.
func relayed() []os.Signal { return []os.Signal{os.Interrupt} }

func exitCode(state *os.ProcessState) int { return state.ExitCode() }
