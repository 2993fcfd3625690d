package leakcheck

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-leakcheck/leakcheck/internal/clock"
	"github.com/go-leakcheck/leakcheck/internal/fakes"
)

func TestRunWrapsTheTests(t *testing.T) {
	for _, list := range testLists {
		_, err := list.find(reflect.ValueOf(new(testing.M)).Elem())
		require.NoError(t, err, "package testing has changed: Run falls back to one verdict at the end of the package")
	}
}

//lint:file-ignore U1000 the lists are read by reflection

// oldM has the lists of testing.M, with a T that is a fake.
type oldM struct {
	fakes.M
	tests      []oldTest
	benchmarks []struct {
		Name string
		F    func(*fakes.T)
	}
	fuzzTargets []struct {
		Name string
		Fn   func(*fakes.T)
	}
	examples []struct {
		Name string
		F    func()
	}
}

type oldTest struct {
	Name string
	F    func(*fakes.T)
}

func TestWrappedTestsAreJudgedAndPutBack(t *testing.T) {
	sys := new(fakes.System)
	j := newJudge(sys, clock.Real, NewTracker())
	ran := 0
	m := &oldM{tests: []oldTest{
		{"TestLeak", func(*fakes.T) { ran++; sys.Open(4, 1, "/tmp/a") }},
		{"TestClean", func(*fakes.T) { ran++ }},
	}}
	m.examples = append(m.examples, struct {
		Name string
		F    func()
	}{"ExampleLeak", func() { sys.Open(5, 2, "/tmp/b") }})
	original := reflect.ValueOf(m.tests[0].F).Pointer()

	unwrap, err := j.wrapTests(m, []Option{Grace(0)})
	require.NoError(t, err)
	leak, clean := &fakes.T{TestName: "TestLeak"}, &fakes.T{TestName: "TestClean"}
	leak.Run(m.tests[0].F)
	clean.Run(m.tests[1].F)
	m.examples[0].F()
	unwrap()

	assert.Equal(t, 2, ran)
	assert.Contains(t, leak.Errors(), "TestLeak leaked 1: 1 file")
	assert.Empty(t, clean.Errors())
	if assert.Len(t, j.leftovers, 1, "an example has nobody to fail") {
		assert.Equal(t, "ExampleLeak", j.leftovers[0].Owner)
	}
	assert.Equal(t, original, reflect.ValueOf(m.tests[0].F).Pointer(), "the originals are back")
}

func TestWrapTestsSaysWhatIsMissing(t *testing.T) {
	j := newJudge(new(fakes.System), clock.Real, NewTracker())
	for want, m := range map[string]TestingM{
		"fakes.value is not a *testing.M":                      nil,
		`keeps no list "tests" in testing.M`:                   new(fakes.M),
		`keeps no function F in the list "tests" of testing.M`: &strangeM{},
		`keeps no Name in the list "tests" of testing.M`:       &namelessM{},
	} {
		if m == nil {
			m, want = valueM{}, "leakcheck.valueM is not a *testing.M"
		}
		unwrap, err := j.wrapTests(m, nil)
		assert.ErrorContains(t, err, want)
		unwrap()
	}
}

type valueM struct{}

func (valueM) Run() int { return 0 }

type strangeM struct {
	fakes.M
	tests []struct {
		Name string
		F    int
	}
}

type namelessM struct {
	fakes.M
	tests []struct{ F func() }
}
