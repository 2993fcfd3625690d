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
	if j.openings != nil {
		return j.recordedMappings(s)
	}
	now, err := j.sys.Mappings()
	if err != nil {
		return nil
	}
	known := s.mappings
	if !s.oneTest {
		known = slices.Concat(known, j.folded())
	}
	return process.DiffMappings(known, now)
}

// foldMappings remembers what the verdict of a test has judged, for that of
// the package.
func (j *judge) foldMappings(s *scope) {
	if !s.oneTest || !s.mapped {
		return
	}
	judged := j.newMappings(s)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.mapped = append(j.mapped, judged...)
}

// folded returns what foldMappings remembers.
func (j *judge) folded() []process.Mapping {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.mapped)
}

// recordedMappings lists the mappings that the owners in the scope made since
// it began. The kernel is asked only if there are any.
func (j *judge) recordedMappings(s *scope) []process.Mapping {
	made := slices.DeleteFunc(j.openings.mappings(), func(r recordedMapping) bool {
		return r.opening.when < s.began || s.owns != nil && !s.owns(r.opening.owner)
	})
	if len(made) == 0 {
		return nil
	}
	all, err := j.sys.Mappings()
	if err != nil {
		return nil
	}
	var found []process.Mapping
	for _, m := range all {
		if slices.ContainsFunc(made, func(r recordedMapping) bool { return r.start < m.End && m.Start < r.end }) {
			found = append(found, m)
		}
	}
	if s.oneTest {
		return found
	}
	return process.DiffMappings(j.folded(), found)
}

// mappedBy returns the record of who made m, nil if there is none.
func (j *judge) mappedBy(m process.Mapping) *opening {
	if j.openings == nil {
		return nil
	}
	for _, r := range j.openings.mappings() {
		if r.start < m.End && m.Start < r.end {
			return r.opening
		}
	}
	return nil
}
