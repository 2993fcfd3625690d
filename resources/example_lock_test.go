package resources_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-leakcheck/leakcheck/resources"
)

func ExampleMutex() {
	var mu resources.Mutex // as with sync.Mutex, nothing has to be made
	mu.Lock()
	fmt.Println(mu.TryLock())
	mu.Unlock()
	// Output: false
}

func ExampleNewMutex() {
	orders := resources.NewMutex("orders")
	orders.Lock()
	defer orders.Unlock()
	for _, l := range resources.Locks() {
		if l.Name == "orders" {
			fmt.Println(len(l.Holders), "holds it,", len(l.Waiters), "wait")
		}
	}
	// Output: 1 holds it, 0 wait
}

func ExampleMutex_LockTimeout() {
	orders := resources.NewMutex("orders")
	orders.Lock()
	defer orders.Unlock()
	// The text names the goroutine that holds it, its line and for how long.
	err := orders.LockTimeout(time.Millisecond)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}

func ExampleMutex_LockContext() {
	orders := resources.NewMutex("orders")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	fmt.Println(orders.LockContext(ctx))
	// Output: resources: locking orders: waited 0s: context canceled
}

func ExampleNewRWMutex() {
	prices := resources.NewRWMutex("prices")
	prices.RLock()
	defer prices.RUnlock()
	fmt.Println(prices.TryRLock(), prices.TryLock())
	prices.RUnlock()
	// Output: true false
}

func ExampleRWMutex_RLocker() {
	var prices resources.RWMutex
	reading := prices.RLocker()
	reading.Lock()
	fmt.Println(prices.TryLock())
	reading.Unlock()
	// Output: false
}

func ExampleLocks() {
	orders := resources.NewMutex("orders")
	orders.Lock()
	defer orders.Unlock()
	for _, l := range resources.Locks() {
		for _, h := range l.Holders {
			if l.Name == "orders" && h.Age < time.Hour {
				fmt.Println(l.Name, "is locked by a goroutine with a number:", h.Goroutine > 0)
			}
		}
	}
	// Output: orders is locked by a goroutine with a number: true
}

func ExampleOnDeadlock() {
	found := make(chan resources.Deadlock)
	resources.OnDeadlock(func(d resources.Deadlock) { found <- d })
	defer resources.OnDeadlock(nil)

	orders := resources.NewMutex("orders")
	done := make(chan struct{})
	go func() {
		defer close(done)
		orders.Lock()
		orders.Lock()
		defer orders.Unlock()
	}()
	for _, g := range (<-found).Goroutines {
		fmt.Println("waits for", g.Wanted, "and has", g.Kept)
	}
	orders.Unlock() // what the goroutine itself does not come to
	<-done
	// Output: waits for orders and has orders
}
