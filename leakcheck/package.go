package leakcheck

import (
	"os"
	"path/filepath"
	"strings"
)

// packageScope is all that no test's verdict names and that was not there at
// the beginning.
func (j *judge) packageScope(cfg *config, p *presence) *scope {
	began := j.clock.Now()
	return &scope{
		subject: "package " + packageName(),
		cfg:     cfg,
		began:   began,
		entries: func(e *entry) bool { return !e.reported() && e.seq > p.seq && e.owner != forProcess },
		owns:    func(o *owner) bool { return o != forProcess },
		goroutines: &unlabelledFinder{
			j: j, cfg: cfg, began: began,
			fold: p.goroutines,
		},
		mappings: p.mappings,
		mapped:   true,
	}
}

func (j *judge) packageVerdict(s *scope) Report {
	j.mu.Lock()
	j.look(nil)
	sightings := j.ledger.take(func(*sighting) bool { return true })
	j.judged = true
	leftovers := j.leftovers
	j.leftovers = nil
	j.mu.Unlock()
	r := j.verdict(s, sightings)
	return newReport(s.subject, append(j.dropOtherEnds(r.Leaks), leftovers...), r.Notes)
}

// packageName is the name of the test binary, which the go command derives
// from the package's import path.
func packageName() string {
	name := filepath.Base(os.Args[0])
	return strings.TrimSuffix(strings.TrimSuffix(name, ".exe"), ".test")
}
