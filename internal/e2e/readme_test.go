package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A block is one fenced block of the README. Its first word is the language,
// the second, if there is one, the file it is kept in.
type codeBlock struct{ language, file, text string }

// blocksOf returns the fenced blocks of a page.
func blocksOf(t *testing.T, page string) []codeBlock {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	require.NoError(t, err)
	var blocks []codeBlock
	for i, part := range strings.Split(string(text), "\n```") {
		if i%2 == 0 {
			continue
		}
		info, text, _ := strings.Cut(part, "\n")
		language, file, _ := strings.Cut(info, " ")
		blocks = append(blocks, codeBlock{language, file, text + "\n"})
	}
	return blocks
}

// A reader follows the README in a folder of their own, beside a checkout.
type reader struct {
	t   *testing.T
	dir string
	env []string
}

func newReader(t *testing.T) *reader {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Symlink(root, filepath.Join(dir, "leakcheck")))
	r := &reader{t: t, dir: filepath.Join(dir, "shop")}
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !slices.Contains([]string{"LEAKCHECK", "GOFLAGS", "GOWORK"}, name) {
			r.env = append(r.env, v)
		}
	}
	bin := filepath.Join(dir, "bin")
	r.env = append(r.env,
		"LEAKCHECK=grace=200ms", // ages are not compared
		"GOBIN="+bin, "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	require.NoError(t, os.MkdirAll(filepath.Join(r.dir, "testdata"), 0o777))
	r.write("testdata/order.txt", "An order\n")
	r.write("testdata/empty.txt", "")
	r.run(0, "go", "mod", "init", "example.com/shop")
	return r
}

func (r *reader) write(file, text string) {
	r.t.Helper()
	require.NoError(r.t, os.WriteFile(filepath.Join(r.dir, file), []byte(text), 0o666))
}

// run runs a program in the reader's module and returns what it printed, with
// what varies written as words.
func (r *reader) run(code int, name string, args ...string) string {
	r.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		require.NoError(r.t, err)
	}
	require.Equal(r.t, code, cmd.ProcessState.ExitCode(), "%s %s\n%s", name, strings.Join(args, " "), out.String())
	return plain(out.String(), r.dir)
}

func plain(s, home string) string {
	s = strings.ReplaceAll(s, home, "/home/you/shop")
	s = strings.ReplaceAll(s, "/home/you/leakcheck", root)
	return normalise(s, places{root: root})
}

// TestREADME follows the README word for word: its commands are run, its Go
// files compiled and tested, and each listing in it is one that was printed.
func TestREADME(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the listings show the descriptors of Linux")
	}
	blocks := blocksOf(t, "README.md")
	require.NotEmpty(t, blocks)
	r := newReader(t)
	files := make(map[string]string) // as the README has them first
	for _, b := range slices.Backward(blocks) {
		if b.language == "go" {
			require.NotEmpty(t, b.file, "a Go block names its file:\n%s", b.text)
			files[b.file] = b.text
		}
	}
	// What the reader's project had before.
	r.write("title.go", files["title.go"])
	r.write("title_test.go", files["title_test.go"])
	var printed string
	for _, b := range blocks {
		switch {
		case b.language == "sh":
			printed += r.follow(b.text)
		case b.language == "go" && b.file != "main_test.go":
			r.write(b.file, b.text)
		}
	}
	printed += r.run(1, "go", "test", "-count=1", "./...")
	r.write("main_test.go", files["main_test.go"])
	printed += r.run(1, "go", "test", "-count=1", "./...")
	for _, b := range blocks {
		if b.language == "text" {
			assert.Contains(t, printed, strings.TrimRight(plain(b.text, r.dir), "\n"), "a listing that nothing printed:\n%s", b.text)
		}
	}
}

// follow runs the lines of a shell block: make where the README stands, of
// which only the demonstration is carried out, anything else in the module.
func (r *reader) follow(lines string) (printed string) {
	r.t.Helper()
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		switch {
		case line == "make demo":
			// The grace decides how old what is held gets, and so its place.
			printed += r.run(0, "env", "-u", "LEAKCHECK", "make", "-s", "-C", root, "demo")
		case strings.HasPrefix(line, "leakcheck test"):
			printed += r.run(1, "sh", "-c", line)
		case strings.HasPrefix(line, "make "):
			r.run(0, "sh", "-c", "make -n -C '"+root+"' "+strings.TrimPrefix(line, "make "))
		default:
			r.run(0, "sh", "-c", line)
		}
	}
	return printed
}

// TestProductionPage sees to it that the Go of the page on production is
// compiled and run: line by line it stands in an example.
func TestProductionPage(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "resources", "example_production_test.go"))
	require.NoError(t, err)
	example := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		example[strings.TrimSpace(line)] = true
	}
	blocks := blocksOf(t, filepath.Join("docs", "production.md"))
	require.NotEmpty(t, blocks)
	for _, b := range blocks {
		for line := range strings.Lines(b.text) {
			assert.True(t, example[strings.TrimSpace(line)], "no example has %q", line)
		}
	}
}
