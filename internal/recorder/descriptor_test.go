package recorder

import (
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Descriptor numbers that no test has open: the table does not ask.
const first = 5000

// innermost is the name of the innermost function of a record.
func innermost(r *Record) string {
	f, _ := runtime.CallersFrames(r.Callers()).Next()
	return f.Function[strings.LastIndex(f.Function, ".")+1:]
}

// open stands for a patched function: its caller is of interest.
//
//go:noinline
func open(fd int) { Opened(fd, 0) }

//go:noinline
func closing(fd int) { Closing(fd, 0) }

//go:noinline
func own(fd int, owner uintptr) { Own(fd, owner, 0) }

//go:noinline
func userOpens(fd int) { open(fd) }

//go:noinline
func userCloses(fd int) { closing(fd) }

//go:noinline
func userOwns(fd int, owner uintptr) { own(fd, owner) }

func TestWhoOpenedIsTheCallersCaller(t *testing.T) {
	before := LastSeq()
	userOpens(first)
	defer userCloses(first)
	r := Lookup(first)
	require.NotNil(t, r)
	assert.Equal(t, "userOpens", innermost(r))
	assert.Greater(t, r.Seq, before)
	assert.Positive(t, r.When)

	wrapper := func() { Opened(first, 1) }
	userWraps := func() { wrapper() }
	userWraps()
	assert.Equal(t, "TestWhoOpenedIsTheCallersCaller", innermost(Lookup(first)), "one further out")
}

func TestAClosedDescriptorIsForgotten(t *testing.T) {
	userOpens(first)
	userCloses(first)
	assert.Nil(t, Lookup(first))
	userCloses(first) // of what is not open
	assert.Nil(t, Lookup(first))
}

func TestNumbersBeyondTheTable(t *testing.T) {
	for _, fd := range []int{-1, blockSize * blockCount, 1 << 30} {
		userOpens(fd)
		assert.Nil(t, Lookup(fd))
		userCloses(fd)
		userOwns(fd, 1)
		Disown(fd, 1)
	}
	last := blockSize*blockCount - 1
	userOpens(last)
	assert.NotNil(t, Lookup(last))
	userCloses(last)
}

func TestARangeIsClosed(t *testing.T) {
	const before, from, to, after = 2*blockSize - 3, 2*blockSize - 2, 2*blockSize + 5, 2*blockSize + 6
	for _, fd := range []int{before, from, from + 1, to, after} {
		userOpens(fd)
	}
	ClosingRange(from, to, 0)
	for _, fd := range []int{from, from + 1, to} {
		assert.Nil(t, Lookup(fd), fd)
	}
	assert.NotNil(t, Lookup(before))
	assert.NotNil(t, Lookup(after))
	ClosingRange(before, ^uintptr(0), 0)
	assert.Nil(t, Lookup(before))
	assert.Nil(t, Lookup(after))
}

func TestAnOwnerOfWhatNobodySawOpenedIsWhoOpened(t *testing.T) {
	userOwns(first, 1)
	assert.Equal(t, "userOwns", innermost(Lookup(first)))
	Disown(first, 1)
	userCloses(first)
	assert.Nil(t, Lookup(first))

	userOpens(first)
	userOwns(first, 1)
	assert.Equal(t, "userOpens", innermost(Lookup(first)), "it was seen")
	Disown(first, 1)
	userCloses(first)
}

// takeMisuses takes those of one number.
func takeMisuses(fd int) []Misuse {
	return TakeMisuses(func(m Misuse) bool { return m.FD == fd })
}

func TestANumberThatAnOwnerCountsOnBecomesAnothers(t *testing.T) {
	userOpens(first)
	userOwns(first, 1)
	userCloses(first) // behind the owner's back
	assert.Nil(t, Lookup(first))
	userCloses(first) // again, in vain
	assert.Empty(t, takeMisuses(first), "nobody has the number yet")
	open(first)
	got := takeMisuses(first)
	require.Len(t, got, 1)
	assert.Equal(t, "userOpens", innermost(got[0].Opened))
	assert.Equal(t, "userCloses", innermost(got[0].Closed))
	assert.Equal(t, "TestANumberThatAnOwnerCountsOnBecomesAnothers", innermost(got[0].Reopened))
	assert.Empty(t, takeMisuses(first), "it was taken")
	userCloses(first)
}

func TestWhatIsNoMisuse(t *testing.T) {
	ways := map[string]func(){
		"the owner closes": func() { Disown(first, 1); userCloses(first); userOpens(first) },
		"the owner closes what was closed": func() {
			userCloses(first)
			Disown(first, 1)
			userOpens(first)
		},
		"the number is taken over": func() { Replaced(first, 0) },
		"it is taken over after all": func() {
			userCloses(first)
			Replaced(first, 0)
		},
	}
	for name, way := range ways {
		userOpens(first)
		userOwns(first, 1)
		way()
		assert.Empty(t, takeMisuses(first), name)
		assert.NotNil(t, Lookup(first), name)
		Disown(first, 1)
		userCloses(first)
	}
}

func TestEveryOwnerCounts(t *testing.T) {
	userOpens(first)
	for _, owner := range []uintptr{1, 2, 3, 2} {
		userOwns(first, owner)
	}
	for _, owner := range []uintptr{1, 3} {
		Disown(first, owner)
	}
	userCloses(first)
	userOpens(first)
	assert.Len(t, takeMisuses(first), 1, "one is left")
	userCloses(first)
}

func TestStandardStreamsAreReopenedOnPurpose(t *testing.T) {
	saved := Lookup(2)
	userOpens(2)
	userOwns(2, 1)
	userCloses(2)
	userOpens(2)
	assert.Empty(t, takeMisuses(2))
	Disown(2, 1)
	if saved == nil {
		userCloses(2)
	}
}

func TestMisusesAreBounded(t *testing.T) {
	for i := range maxMisuses + 10 {
		userOpens(first + i)
		userOwns(first+i, 1)
		userCloses(first + i)
		userOpens(first + i)
		userCloses(first + i)
	}
	assert.Len(t, TakeMisuses(func(Misuse) bool { return true }), maxMisuses)
}

// TestManyAtOnce is for the race detector.
func TestManyAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				fd := first + (i+j)%4
				userOpens(fd)
				userOwns(fd, uintptr(i+1))
				if r := Lookup(fd); r != nil {
					assert.NotEmpty(t, r.Callers())
				}
				Disown(fd, uintptr(i+1))
				userCloses(fd)
			}
		})
	}
	wg.Wait()
	TakeMisuses(func(Misuse) bool { return true })
	for i := range 4 {
		userCloses(first + i)
		userCloses(first + i)
	}
}

func TestAFinalizerLoses(t *testing.T) {
	lost := make(chan int, 1)
	f := func(fd int, opened *Record) {
		assert.Equal(t, "userOpens", innermost(opened))
		lost <- fd
	}
	defer OnLost.Store(OnLost.Swap(&f))
	userOpens(first)
	userOpens(first + 1)
	userCloses(first + 1) // by somebody who thought of it
	ended := make(chan struct{})
	go func() { // without labels, as finalizers have none
		defer close(ended)
		userOpens(first + 1)
		userCloses(first + 1)
	}()
	<-ended
	func() {
		runtime.AddCleanup(new([1 << 10]byte), userCloses, first)
	}()
	for len(lost) == 0 {
		runtime.GC()
	}
	assert.Equal(t, first, <-lost)
	assert.Nil(t, Lookup(first))

	userOpens(first)
	func() {
		p := new([1 << 10]byte)
		runtime.SetFinalizer(p, func(*[1 << 10]byte) { userCloses(first) })
	}()
	for len(lost) == 0 {
		runtime.GC()
	}
	assert.Equal(t, first, <-lost)
}

func BenchmarkOpenedAndClosing(b *testing.B) {
	for b.Loop() {
		open(first)
		own(first, 1)
		Disown(first, 1)
		closing(first)
	}
}
