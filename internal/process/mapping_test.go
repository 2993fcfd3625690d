package process

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// on returns a mapping of file ino at [start, end), in pages.
func on(ino, start, end, offset uint64) Mapping {
	const page = 0x1000
	return Mapping{Start: start * page, End: end * page, Dev: 1, Ino: ino, Offset: offset * page, Perms: "r--s", Path: "/f"}
}

func perms(m Mapping, p string) Mapping { m.Perms = p; return m }

func path(m Mapping, p string) Mapping { m.Path = p; return m }

func TestDiffMappings(t *testing.T) {
	type maps = []Mapping
	for name, c := range map[string]struct{ before, after, want maps }{
		"nothing":                    {},
		"unmapped":                   {before: maps{on(7, 10, 20, 0)}},
		"still there":                {maps{on(7, 10, 20, 0)}, maps{on(7, 10, 20, 0)}, nil},
		"new":                        {nil, maps{on(7, 10, 20, 3)}, maps{on(7, 10, 20, 3)}},
		"another file there":         {maps{on(7, 10, 20, 0)}, maps{on(8, 10, 20, 0)}, maps{on(8, 10, 20, 0)}},
		"another part there":         {maps{on(7, 10, 20, 0)}, maps{on(7, 10, 20, 5)}, maps{on(7, 10, 20, 5)}},
		"the same file elsewhere":    {maps{on(7, 10, 20, 0)}, maps{on(7, 10, 20, 0), on(7, 30, 40, 0)}, maps{on(7, 30, 40, 0)}},
		"renamed":                    {maps{on(7, 10, 20, 0)}, maps{path(on(7, 10, 20, 0), "/g")}, nil},
		"split by mprotect":          {maps{on(7, 10, 20, 0)}, maps{on(7, 10, 12, 0), perms(on(7, 12, 15, 2), "rw-s"), on(7, 15, 20, 5)}, nil},
		"cut by munmap":              {maps{on(7, 10, 20, 0)}, maps{on(7, 10, 12, 0), on(7, 15, 20, 5)}, nil},
		"two joined":                 {maps{on(7, 10, 12, 0), on(7, 12, 20, 2)}, maps{on(7, 10, 20, 0)}, nil},
		"grown at the end":           {maps{on(7, 10, 12, 0)}, maps{on(7, 10, 20, 0)}, maps{on(7, 12, 20, 2)}},
		"grown at the beginning":     {maps{on(7, 12, 20, 2)}, maps{on(7, 10, 20, 0)}, maps{on(7, 10, 12, 0)}},
		"hole filled":                {maps{on(7, 10, 12, 0), on(7, 15, 20, 5)}, maps{on(7, 10, 20, 0)}, maps{on(7, 12, 15, 2)}},
		"new and split":              {nil, maps{on(7, 10, 12, 0), perms(on(7, 12, 20, 2), "-w-s")}, maps{perms(on(7, 10, 20, 0), "rw-s")}},
		"two of one file, not one":   {nil, maps{on(7, 10, 20, 0), on(7, 20, 30, 0)}, maps{on(7, 10, 20, 0), on(7, 20, 30, 0)}},
		"neither sorted nor touched": {maps{on(7, 30, 40, 0), on(8, 10, 20, 0)}, maps{on(9, 50, 60, 0), on(8, 10, 20, 0)}, maps{on(9, 50, 60, 0)}},
	} {
		assert.Equal(t, c.want, DiffMappings(c.before, c.after), name)
	}
}

func TestDiffMappingsBelowItsOffset(t *testing.T) {
	m := on(7, 1, 2, 50) // the file's first byte would be below address zero
	assert.Equal(t, []Mapping{m}, DiffMappings(nil, []Mapping{m}))
	assert.Empty(t, DiffMappings([]Mapping{m}, []Mapping{m}))
}
