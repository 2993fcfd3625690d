package stack

import "testing"

var sink *Trace

//go:noinline
func deep(n int, f func()) {
	if n <= 1 {
		f()
		return
	}
	deep(n-1, f)
}

func BenchmarkCapture(b *testing.B) {
	deep(10, func() {
		b.Run("recent", func(b *testing.B) {
			deep(8, func() {
				for b.Loop() {
					sink = Capture(0, 10)
				}
			})
		})
		b.Run("unwound", func(b *testing.B) {
			deep(8, func() {
				for b.Loop() {
					sink = capture(0, 10)
				}
			})
		})
	})
}
