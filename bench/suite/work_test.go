package suite

import (
	"encoding/json"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

type order struct {
	ID    int
	Items []string
	Notes map[string]string
}

func TestJSON(t *testing.T) {
	in := order{ID: 7, Items: []string{"a", "b", "c"}, Notes: map[string]string{"k": "v", "l": "w"}}
	for range 200 {
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var out order
		if err := json.Unmarshal(text, &out); err != nil || out.ID != in.ID {
			t.Fatal(err, out)
		}
	}
}

func TestWorkers(t *testing.T) {
	jobs := make(chan int)
	var sum int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for j := range jobs {
				mu.Lock()
				sum += j
				mu.Unlock()
			}
		})
	}
	for i := range 1000 {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
	if sum != 499500 {
		t.Fatal(sum)
	}
}

func TestCommand(t *testing.T) {
	cat, err := exec.LookPath("cat")
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.Command(cat)
	cmd.Stdin = strings.NewReader("meow\n")
	out, err := cmd.Output()
	if err != nil || string(out) != "meow\n" {
		t.Fatalf("%q, %v", out, err)
	}
}
