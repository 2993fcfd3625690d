package resources_test

import (
	"os"
	"testing"

	"github.com/go-leakcheck/leakcheck/resources"
)

func BenchmarkOpenClose(b *testing.B) {
	modes := map[string]func(){
		"on":      func() { resources.SetTracking(true) },
		"sampled": func() { _ = resources.SetSampling(0.01) },
		"off":     func() { resources.SetTracking(false) },
	}
	b.Run("os", func(b *testing.B) {
		for b.Loop() {
			f, err := os.Open(os.DevNull)
			if err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
	for _, name := range []string{"on", "sampled", "off"} {
		b.Run(name, func(b *testing.B) {
			modes[name]()
			defer func() {
				resources.SetTracking(true)
				_ = resources.SetSampling(1)
			}()
			for b.Loop() {
				f, err := resources.Open(os.DevNull)
				if err != nil {
					b.Fatal(err)
				}
				f.Close()
			}
		})
	}
}
