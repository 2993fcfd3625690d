package leakcheck

import (
	"slices"

	"github.com/go-leakcheck/leakcheck/internal/process"
)

// beginMappings takes the baseline of the mappings, where the options of the
// test ask for one and there is none yet.
func (j *judge) beginMappings(w *window) {
	if w.mapped || !w.config().mappings {
		return
	}
	if all, err := j.sys.Mappings(); err == nil {
		w.mappings, w.mapped = all, true
	}
}

// newMappings lists the file mappings that were made since s began. The kernel
// does not say who made one, so they are looked at only where the scope is
// alone in the process.
func (j *judge) newMappings(s *scope) []process.Mapping {
	if !s.mapped {
		return nil
	}
	now, err := j.sys.Mappings()
	if err != nil {
		return nil
	}
	known := s.mappings
	if !s.oneTest {
		known = slices.Concat(known, j.mapped)
	}
	return process.DiffMappings(known, now)
}

// foldMappings remembers what the verdict of a test has judged, for that of
// the package.
func (j *judge) foldMappings(s *scope) {
	if s.oneTest && s.mapped {
		j.mapped = append(j.mapped, j.newMappings(s)...)
	}
}
