package main

import "sync"

// A keeper keeps things from being collected.
type keeper struct {
	mu  sync.Mutex
	all []any
}

func (k *keeper) add(thing any) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = append(k.all, thing)
	return nil
}
