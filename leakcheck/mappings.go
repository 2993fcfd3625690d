package leakcheck

import "github.com/go-leakcheck/leakcheck/internal/process"

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
	return process.DiffMappings(s.mappings, now)
}
