package resources_test

import (
	"context"
	"fmt"
	"time"

	"github.com/go-leakcheck/leakcheck/resources"
)

func ExampleNewPool() {
	pool, err := resources.NewPool(resources.PoolConfig[string]{
		Name:        "sessions",
		Max:         4,
		New:         func(context.Context) (string, error) { return "a session", nil },
		Destroy:     func(s string) { fmt.Println("destroyed", s) },
		WaitWarning: time.Second,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	lease, err := pool.Acquire(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("using", lease.Value())
	lease.Release()
	fmt.Println(pool.Close())
	// Output:
	// using a session
	// destroyed a session
	// <nil>
}

func ExamplePool_With() {
	pool, _ := resources.NewPool(resources.PoolConfig[int]{
		Name: "numbers",
		Max:  1,
		New:  func(context.Context) (int, error) { return 42, nil },
	})
	defer pool.Close()
	err := pool.With(context.Background(), func(n int) error {
		fmt.Println(n, len(pool.Leases()))
		return nil
	})
	fmt.Println(err, len(pool.Leases()))
	// Output:
	// 42 1
	// <nil> 0
}

func ExamplePool_Acquire() {
	pool, _ := resources.NewPool(resources.PoolConfig[int]{
		Name: "numbers",
		Max:  1,
		New:  func(context.Context) (int, error) { return 42, nil },
	})
	defer pool.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := pool.Acquire(ctx)
	fmt.Println(err)
	// Output: resources: acquiring from pool numbers: waited 0s, 0 of 1 are out: context canceled
}

func ExamplePool_TryAcquire() {
	pool, _ := resources.NewPool(resources.PoolConfig[int]{
		Name: "numbers",
		Max:  1,
		New:  func(context.Context) (int, error) { return 42, nil },
	})
	defer pool.Close()
	lease, _ := pool.Acquire(context.Background())
	_, err := pool.TryAcquire(context.Background())
	fmt.Println(err)
	lease.Release()
	// Output: resources: acquiring from pool numbers: resource not available
}

func ExamplePool_CloseContext() {
	pool, _ := resources.NewPool(resources.PoolConfig[int]{
		Name: "numbers",
		Max:  1,
		New:  func(context.Context) (int, error) { return 42, nil },
	})
	lease, _ := pool.Acquire(context.Background())
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(pool.CloseContext(ctx) != nil) // it says who has the lease
	lease.Release()
	fmt.Println(pool.Close())
	// Output:
	// true
	// <nil>
}

func ExampleLease_Close() {
	pool, _ := resources.NewPool(resources.PoolConfig[int]{
		Name: "numbers",
		Max:  1,
		New:  func(context.Context) (int, error) { return 42, nil },
	})
	use := func() error {
		lease, err := pool.Acquire(context.Background())
		if err != nil {
			return err
		}
		defer lease.Close()
		fmt.Println(lease.Value())
		return nil
	}
	fmt.Println(use())
	fmt.Println(pool.Close())
	// Output:
	// 42
	// <nil>
	// <nil>
}
