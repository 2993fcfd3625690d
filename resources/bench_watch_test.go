package resources_test

import (
	"io"
	"log/slog"
	"testing"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// BenchmarkSwitch is the decision about one resource.
func BenchmarkSwitch(b *testing.B) {
	for name, rate := range map[string]float64{"off": 0, "sampled": 0.01, "on": 1} {
		b.Run(name, func(b *testing.B) {
			defer resources.SetSampling(1)
			if err := resources.SetSampling(rate); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				resources.Tracks()
			}
		})
	}
}

// BenchmarkStandin opens and closes one resource.
func BenchmarkStandin(b *testing.B) {
	loop := func(b *testing.B) {
		b.ReportAllocs()
		in := resources.WithTracker(leakcheck.NewTracker())
		for b.Loop() {
			_ = resources.OpenStandin("one", in).Close()
		}
	}
	b.Run("off", func(b *testing.B) {
		resources.SetTracking(false)
		defer resources.SetTracking(true)
		loop(b)
	})
	b.Run("sampled", func(b *testing.B) {
		defer resources.SetSampling(1)
		_ = resources.SetSampling(0.01)
		loop(b)
	})
	b.Run("on", loop)
	b.Run("logged", func(b *testing.B) {
		resources.SetLogger(slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug})))
		defer resources.SetLogger(nil)
		loop(b)
	})
	b.Run("disabled", func(b *testing.B) {
		resources.SetLogger(slog.New(slog.DiscardHandler))
		defer resources.SetLogger(nil)
		loop(b)
	})
}

// BenchmarkLiveTable is one look at ten thousand open resources.
func BenchmarkLiveTable(b *testing.B) {
	in := resources.WithTracker(leakcheck.NewTracker())
	var all []*resources.Standin
	for range 10_000 {
		all = append(all, resources.OpenStandin("one", in))
	}
	b.Run("profile", func(b *testing.B) {
		for b.Loop() {
			_ = resources.WriteProfile(io.Discard, in)
		}
	})
	for _, s := range all {
		_ = s.Close()
	}
}
