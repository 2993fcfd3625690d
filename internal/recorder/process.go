package recorder

import "sync"

var processes struct {
	sync.Mutex
	started map[int]*Record
}

// Started records that the calling goroutine has started the process pid.
func Started(pid, skip int) {
	r := newRecord(skip + 1)
	processes.Lock()
	defer processes.Unlock()
	if processes.started == nil {
		processes.started = make(map[int]*Record)
	}
	processes.started[pid] = r
}

// Waited records that the process pid was waited for.
func Waited(pid int) {
	processes.Lock()
	defer processes.Unlock()
	delete(processes.started, pid)
}

// Process returns the record of the start of pid, nil if there is none.
func Process(pid int) *Record {
	processes.Lock()
	defer processes.Unlock()
	return processes.started[pid]
}
