package command

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-leakcheck/leakcheck/leakcheck"
)

func leak(kind, owner string, at leakcheck.Frame) leakcheck.Leak {
	return leakcheck.Leak{Kind: kind, Owner: owner, Stack: []leakcheck.Frame{at, {Function: "example.com/app.outer"}}}
}

func report(leaks ...leakcheck.Leak) leakcheck.Report {
	return leakcheck.Report{Subject: "TestX", Total: len(leaks), Leaks: leaks}
}

var (
	open   = leakcheck.Frame{Function: "example.com/app/export.(*Writer).open", File: "/src/app/export/writer.go", Line: 42}
	dial   = leakcheck.Frame{Function: "example.com/app.dial", File: "/src/app/dial.go", Line: 7}
	loop   = leakcheck.Frame{Function: "example.com/app.loop", File: "/src/app/loop.go", Line: 9}
	inTest = leakcheck.Frame{Function: "example.com/app.TestRun", File: "/src/app/run_test.go", Line: 5}
)

func TestSummary(t *testing.T) {
	all := []packageReports{
		{"example.com/app", []leakcheck.Report{
			report(leak("tcp", "TestDial", dial), leak("tcp", "TestDial", dial)),
			report(leakcheck.Leak{Kind: "process", Owner: "TestRun", Test: inTest}),
			report(leakcheck.Leak{Kind: "pipe"}),
		}},
		{"example.com/app/export", []leakcheck.Report{
			report(leak("file", "TestExport", open), leak("file", "TestImport", open), leak("file", "TestExport", open)),
			report(leak("goroutine", "TestDial", loop)),
		}},
	}
	assert.Equal(t, `leakcheck: 8 leaks in 5 tests of 2 packages: 3 files, 2 tcp, 1 goroutine, 1 pipe, 1 process
  ×3  file       export.(*Writer).open  export/writer.go:42  TestExport, TestImport
  ×2  tcp        app.dial               app/dial.go:7        TestDial
  ×1  process    app.TestRun            app/run_test.go:5    TestRun
  ×1  pipe       line not known
  ×1  goroutine  app.loop               app/loop.go:9        TestDial
`, summary(all))
}

func TestSummaryOfOne(t *testing.T) {
	assert.Equal(t, `leakcheck: 1 leak in 1 test of 1 package: 1 object
  ×1  object  app.dial  app/dial.go:7  TestDial
`, summary([]packageReports{{"example.com/app", []leakcheck.Report{report(leak("", "TestDial", dial))}}}))
}

func TestSummaryOfNobodysLeaks(t *testing.T) {
	shared := leak("tcp", "", dial)
	shared.Suspects = []string{"TestA", "TestB"}
	assert.Equal(t, `leakcheck: 2 leaks in 1 package: 1 listener, 1 tcp
  ×1  tcp       app.dial  app/dial.go:7  one of TestA, TestB
  ×1  listener  app.loop  app/loop.go:9
`, summary([]packageReports{{"example.com/app", []leakcheck.Report{report(shared, leak("listener", "", loop))}}}))
}

func TestSummaryShowsTheMostFrequent(t *testing.T) {
	var leaks []leakcheck.Leak
	for line := range 7 {
		for range line + 1 {
			leaks = append(leaks, leak("lease", fmt.Sprintf("Test%d", len(leaks)), leakcheck.Frame{
				Function: "example.com/app.take", File: "/src/app/take.go", Line: line,
			}))
		}
	}
	assert.Equal(t, `leakcheck: 28 leaks in 28 tests of 1 package: 28 lease
  ×7  lease  app.take  app/take.go:6  Test21, Test22, Test23 and 4 more
  ×6  lease  app.take  app/take.go:5  Test15, Test16, Test17 and 3 more
  ×5  lease  app.take  app/take.go:4  Test10, Test11, Test12 and 2 more
  ×4  lease  app.take  app/take.go:3  Test6, Test7, Test8 and 1 more
  ×3  lease  app.take  app/take.go:2  Test3, Test4, Test5
  and 2 more lines
`, summary([]packageReports{{"example.com/app", []leakcheck.Report{report(leaks...)}}}))
}

func TestSummaryOfNothing(t *testing.T) {
	assert.Empty(t, summary(nil))
	assert.Empty(t, summary([]packageReports{{"example.com/app", []leakcheck.Report{report()}}}))
}

func TestSummaryWithALongFunction(t *testing.T) {
	long := dial
	long.Function = "example.com/a/package.(*AndAType).WithAMethodThatHasALongNameToo.func1"
	assert.Equal(t, `leakcheck: 2 leaks in 1 test of 1 package: 2 files
  ×1  file  package.(*AndAType).WithAMethodThatHasALongNameToo.func1  package/dial.go:7  TestDial
  ×1  file  app.loop  app/loop.go:9      TestDial
`, summary([]packageReports{{"example.com/app", []leakcheck.Report{report(leak("file", "TestDial", long), leak("file", "TestDial", loop))}}}))
}

func TestListings(t *testing.T) {
	a := leakcheck.Report{Subject: "TestA", Total: 1, ByKind: map[string]int{"file": 1}, Leaks: []leakcheck.Leak{leak("file", "TestA", open)}}
	b := leakcheck.Report{Subject: "TestB", Total: 1, ByKind: map[string]int{"tcp": 1}, Leaks: []leakcheck.Leak{leak("tcp", "TestB", dial)}}
	text := listings([]packageReports{
		{"example.com/app", []leakcheck.Report{a, b, report()}},
		{"example.com/clean", []leakcheck.Report{report()}},
	})
	assert.Equal(t, "# example.com/app\n"+a.String()+"\n"+b.String()+"\n", text)
}
