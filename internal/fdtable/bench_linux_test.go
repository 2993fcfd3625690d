package fdtable

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// filled opens files until n descriptors are open.
func filled(b *testing.B, n int) {
	b.Helper()
	reader := NewReader()
	for {
		open, err := reader.Count()
		if err != nil {
			b.Fatal(err)
		}
		if open >= n {
			return
		}
		fd, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { unix.Close(fd) })
	}
}

func BenchmarkRead(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			filled(b, n)
			reader := NewReader()
			var table Table
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if table, err = reader.Read(table); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReadEveryLink is what procfs and other checkers do.
func BenchmarkReadEveryLink(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			filled(b, n)
			b.ReportAllocs()
			for b.Loop() {
				entries, err := os.ReadDir("/proc/self/fd")
				if err != nil {
					b.Fatal(err)
				}
				for _, e := range entries {
					_, _ = os.Readlink("/proc/self/fd/" + e.Name())
				}
			}
		})
	}
}

func BenchmarkCount(b *testing.B) {
	reader := NewReader()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reader.Count(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDescribe(b *testing.B) {
	reader := NewReader()
	table, err := reader.Read(nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		reader.Describe(table[0], table)
	}
}
